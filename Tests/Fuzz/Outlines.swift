import Imaging
import Storage

/// Outlines that people drew, as GeoJSON.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("s.geojson", bytes, count) { url in
        let regions = try AnnotatedRegions(contentsOf: url)
        _ = regions.placed(scale: 2, boundsX: 10, boundsY: -10, origin: nil).contains(PlanePoint(x: 100, y: 100))
    }
    return 0
}
