// Counts checks and says which failed, as test/e2e/harness.py does.
const counts = {passed: 0, failed: 0};

export function check(name, holds, detail = "") {
  counts[holds ? "passed" : "failed"]++;
  if (!holds)
    console.log(`FAIL ${name}: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`);
}

/** A group of checks; what it throws is one that failed. */
export async function part(name, run) {
  try {
    await run();
  } catch (error) {
    check(name, false, String(error.stack ?? error));
  }
}

export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function finish() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
}
