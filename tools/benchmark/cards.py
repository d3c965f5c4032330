"""What NVIDIA's cards compute at most, dense, in operations a second: of bf16 products that are summed in f32, and of int8 ones.

From NVIDIA's data sheets (H100 and H200 SXM; the architecture papers of Ampere GA102, Ada and Blackwell for the RTX cards). What a card's
memory reads at most, an executable's `bench` says itself, by the driver's clock and width of the bus.
"""
import re

PEAKS = {"H200": (989e12, 1979e12), "H100": (989e12, 1979e12), "A100": (312e12, 624e12), "L40S": (362e12, 733e12),
         "RTX 5090": (209.5e12, 838e12), "RTX 5080": (112.6e12, 450e12), "RTX 4090": (165.2e12, 660.6e12),
         "RTX 4080": (97.5e12, 389.9e12), "RTX 3090": (71e12, 284e12)}


def peaks(device):
    """The peaks of a card by its name, as machine-limits has a CPU's; None for one that is not listed."""
    for name, (bf16, int8) in PEAKS.items():
        if re.search(rf"\b{name}\b", device):
            return {"f32_gflops": bf16 / 1e9, "int8_gops": int8 / 1e9}
    return None
