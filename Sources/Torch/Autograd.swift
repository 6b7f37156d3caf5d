import CTorch

extension Tensor {
    public var requiresGrad: Bool { ct_requires_grad(handle) }

    /// Makes a leaf (of floating point) record gradients, or stop recording.
    public func setRequiresGrad(_ flag: Bool) throws(TorchError) {
        try check(ct_set_requires_grad(handle, flag), #function)
    }

    /// Adds the gradients of this scalar to those of the parameters it was made from; its history is used up.
    public func backward() throws(TorchError) { try check(ct_backward(handle), #function) }

    /// What `backward` left here; nil where nothing has reached this tensor.
    public var grad: Tensor? {
        get throws(TorchError) {
            var out: OpaquePointer?
            try check(ct_grad(handle, &out), "grad")
            return out.map(Tensor.init(adopting:))
        }
    }

    /// The same values with a history of one's own, as if they were made from `leaf`: for a gradient that is to be worked out part by
    /// part, so that no part's history is held.
    ///
    /// - Parameters:
    ///   - leaf: a parameter. Where it records no gradients, or nothing does, the values have no history.
    ///   - pullBack: gets the gradient of the values when it comes back, once, and adds to those of all parameters that it has to do
    ///     with, by `withGrad` and `backward`. On a GPU it runs on another thread, while this one waits.
    public func recorded(on leaf: Tensor, pullBack: @escaping (Tensor) throws -> Void) throws(TorchError) -> Tensor {
        let context = Unmanaged.passRetained(PullBack(pullBack)).toOpaque()
        return try binary(leaf) { values, leaf, out in
            ct_with_history(
                values,
                leaf,
                { context, gradient in Unmanaged<PullBack>.fromOpaque(context).takeUnretainedValue()(gradient) },
                context,
                { context in Unmanaged<PullBack>.fromOpaque(context).release() },
                out
            )
        }
    }

    /// Sets `grad` back to nil.
    public func dropGrad() { ct_drop_grad(handle) }
}

/// Runs `body` without recording history. Synchronous, because the setting belongs to the thread.
public func withoutGrad<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
    let previous = ct_set_grad_enabled(false)
    defer { ct_set_grad_enabled(previous) }
    return try body()
}

/// Runs `body` with history recorded, also where it is not.
public func withGrad<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
    let previous = ct_set_grad_enabled(true)
    defer { ct_set_grad_enabled(previous) }
    return try body()
}

/// A closure that C holds.
private final class PullBack {
    private let body: (Tensor) throws -> Void

    init(_ body: @escaping (Tensor) throws -> Void) { self.body = body }

    func callAsFunction(_ gradient: OpaquePointer) -> CTStatus {
        do {
            try body(Tensor(adopting: gradient))
            return .OK
        } catch { return ct_fail(String(describing: error)) }
    }
}
