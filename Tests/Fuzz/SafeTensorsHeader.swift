import Storage

/// A file of safetensors, with the numbers that its header promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("weights.safetensors", bytes, count) { url in
        for tensor in try SafeTensors(contentsOf: url).tensors.values where tensor.kind == .float32 {
            _ = tensor.array(of: Float.self)
        }
    }
    return 0
}
