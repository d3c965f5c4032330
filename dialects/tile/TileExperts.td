// The kernel level of mixtures of experts. Letters: T rows, E experts, k chosen of each row, S = T * k slots: a slot is a row at one
// of its experts.

#ifndef OSSCC_DIALECTS_TILE_TILEEXPERTS_TD
#define OSSCC_DIALECTS_TILE_TILEEXPERTS_TD

include "dialects/tile/TileKernels.td"

def Tile_RouteOp : Tile_Kernel<"route", [AttrSizedOperandSegments]> {
  let summary = "Choose the experts of every row, and plan who computes what";
  let description = [{
    Each row goes to the `top` experts of its largest logits, of equal ones to the lower. Their weights are a softmax over the
    `routing` experts, the chosen or all: exp(logit - the largest) over the sum of those in rising order.

    By sigmoids, 1 / (1 + exp(-logit)), these stand in the place of logits, plus `bias`, and the weights are those without it: as they are, or
    over the sum of the chosen's in rising order + 1e-20. All weights are multiplied by `scale` at the end, and those of expert e by
    scales[e] where there are `scales`. A softmax with a `bias` chooses by exp(logit - the largest) over the sum of those of all experts in
    rising order, plus `bias`.

    With `groups` the experts are so many groups of neighbours. The `kept` groups are those whose `best` largest of these numbers have the
    largest sums, of equal ones the lower; the experts of the others are not chosen.

    The plan puts the slots of one expert together, in the order of the rows. Its words follow each other in this order, over the
    ends of rows:

        active          experts that a row has chosen, each of which has a number a, in rising order
        experts[S]      the number of the a-th; words past `active` are unused
        begins[S]       its first slot; its last is before the next one's first, or the last of all
        rows[S]         the row of each slot
        slots[T][k]     the slot of a row at the j-th of its experts, in rising order
        weights[T][k]   f32: its weight

    * (C1) `top` is from 1 to the number of experts.
    * (C2) the plan has 5 * top + 1 words a row.
    * (C3) groups are equally large, of at least `best` experts, and the kept ones have `top` experts together; `scale` is positive and finite.
    * (C4) `bias` has a value for each expert.
    * (C5) `scales` have a value for each expert.
  }];
  let arguments = (ins Tile_Rows:$logits, Optional<Tile_Channels>:$bias, Optional<Tile_Channels>:$scales,
                       Tile_Words:$out, I64Attr:$top, Tile_RoutingAttr:$routing,
                       DefaultValuedAttr<I64Attr, "1">:$groups, DefaultValuedAttr<I64Attr, "1">:$kept,
                       DefaultValuedAttr<I64Attr, "1">:$best, DefaultValuedAttr<F32Attr, "1.0">:$scale, UnitAttr:$own);
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
    bool isSigmoid() { return getRouting() == Routing::Sigmoid || getRouting() == Routing::SigmoidOfChosen; }
  }];
  let assemblyFormat = [{
    $routing `top` $top `ins` `(` $logits `:` type($logits) `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`scales` `(` $scales^ `:` type($scales) `)`)? `outs` `(` $out `:` type($out) `)` attr-dict
    (`->` type($result)^)?
  }];
}

def Tile_GatherSlotsOp : Tile_Kernel<"gather_slots"> {
  let summary = "Copy the row of every slot";
  let description = [{
    out[s] = x[row of s]: rows of f32, or their records as `quantize_rows` wrote them. With `weighed` out[s] = weight * x[row of s], the
    weight being the slot's.

    * (C1) `x` and `out` have the same channels and element type.
    * (C2) the plan is one.
    * (C3) what is `weighed` is f32.
  }];
  let arguments = (ins AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$x, Tile_Words:$plan,
                       AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$out, UnitAttr:$weighed);
  let assemblyFormat = [{
    `ins` `(` $x `,` $plan `:` type($x) `,` type($plan) `)` `outs` `(` $out `:` type($out) `)` attr-dict
    (`->` type($result)^)?
  }];
}

def Tile_CombineOp : Tile_Kernel<"combine", [IsolatedFromAbove]> {
  let summary = "Weigh and add up what the experts of every row have made of it";
  let description = [{
    sum = sum_j weights[t, j] * x[slots[t, j], n], j rising, each step one fused multiply-add, then
    out[t, n] = epilogue(sum, out[t, n]). With `unweighed` all weights are 1.

    * (C1) `x` and `out` have the same channels.
    * (C2) the plan is one.
    * (C3) the epilogue takes two f32, the sum and the old element of `out`, and yields one.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Words:$plan, Tile_Rows:$out, UnitAttr:$unweighed);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $x `,` $plan `:` type($x) `,` type($plan) `)` `outs` `(` $out `:` type($out) `)` attr-dict-with-keyword $epilogue
    (`->` type($result)^)?
  }];
}

#endif // OSSCC_DIALECTS_TILE_TILEEXPERTS_TD
