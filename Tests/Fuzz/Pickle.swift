@testable import Storage

/// The pickle of a tensor: `data.pkl` of torch.save.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var reader = PickleReader(FuzzInput.data(bytes, count))
    _ = try? reader.value()
    return 0
}
