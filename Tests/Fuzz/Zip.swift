@testable import Storage

/// The directory of a zip archive and what its entries hold, and a tensor of torch.save in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let data = FuzzInput.data(bytes, count)
    _ = WeightsKind(data)
    if let archive = ZipDirectory(data) { for entry in archive.entries { _ = archive.content(of: entry) } }
    FuzzInput.file("slide.pt", bytes, count) { _ = try FeatureFile(contentsOf: $0) }
    return 0
}
