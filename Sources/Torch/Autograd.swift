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
