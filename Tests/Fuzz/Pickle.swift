@testable import Storage

/// The pickle of a tensor, or of weights: `data.pkl` of torch.save.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    for content in [PickleReader.Content.tensor, .weights, .names] {
        var reader = PickleReader(FuzzInput.data(bytes, count), content)
        _ = try? reader.value()
    }
    return 0
}
