import Imaging
import Storage

/// Outlines of ASAP and ImageScope.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("s.xml", bytes, count) { url in
        _ = try AnnotatedRegions(contentsOf: url).contains(PlanePoint(x: 100, y: 100))
    }
    return 0
}
