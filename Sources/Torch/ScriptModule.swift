import CTorch

/// A TorchScript module in evaluation mode, frozen: parameters and buffers are constants of its graph.
///
/// Loading runs the file's own code. Load only what the user has agreed to.
public final class ScriptModule {
    private let handle: OpaquePointer

    /// From the bytes of a `.pt` file, copied.
    /// - Parameter autocast: whether `forward` computes in bf16 what PyTorch's `torch.autocast` does; else everything in the
    ///   types that the module has.
    /// - Throws: `TorchError` for anything but TorchScript, or code that this LibTorch cannot run.
    public init(bytes: UnsafeRawBufferPointer, on device: Device = .cpu, autocast: Bool = false) throws(TorchError) {
        guard let start = bytes.baseAddress else { throw TorchError("ScriptModule", "the file is empty") }
        var out: OpaquePointer?
        try check(ct_module_load(start, bytes.count, device.code, autocast, &out), "ScriptModule")
        guard let out else { throw TorchError("ScriptModule", "the shim returned no module") }
        handle = out
    }

    deinit { ct_module_free(handle) }

    /// Whether `forward` neither reads nor changes the module: freezing turned all that it uses into constants.
    public var isConstant: Bool {
        get throws(TorchError) {
            var constant = false
            try check(ct_module_is_constant(handle, &constant), "isConstant")
            return constant
        }
    }

    /// Calls `forward` without recording history. Calls at the same time are safe where `isConstant`.
    /// - Throws: `TorchError` with the module's own message, or where the result is no tensor.
    public func forward(_ input: Tensor) throws(TorchError) -> Tensor {
        try input.unary({ ct_module_forward(handle, $0, $1) }, operation: "forward(_:)")
    }
}
