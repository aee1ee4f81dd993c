/** Something that keeps the check from being fooled or broken, and how to see that it is tested. */
export type Defence = {
  /** What it is, in a few words. */
  readonly name: string
  /** File that holds it, relative to the repository's root. */
  readonly file: string
  /** Text that occurs there exactly once … */
  readonly take: string
  /** … and what stands in its place where the defence is gone. */
  readonly put: string
  /** The test file that must go red then, and the start of the test's name if it is only one. */
  readonly test: string
  readonly only?: string
  /** The test runs the built product. */
  readonly built?: true
}
