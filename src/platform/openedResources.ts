/**
 * What was opened so far, to be closed in reverse. Node 20, on which the terminal command runs too, has no
 * AsyncDisposableStack.
 */
export class OpenedResources implements AsyncDisposable {
  #opened: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.#opened.push(resource)
    return resource
  }

  /** Gives all of it to whoever closes it from now on. */
  move(): AsyncDisposable {
    const moved = new OpenedResources()
    moved.#opened = this.#opened.splice(0)
    return moved
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const last = this.#opened.pop()
    if (last === undefined) return
    try {
      await last[Symbol.asyncDispose]()
    } finally {
      await this[Symbol.asyncDispose]()
    }
  }
}
