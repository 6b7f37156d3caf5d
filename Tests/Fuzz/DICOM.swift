import Files
import Foundation
import Records

@testable import Slides

/// One instance in DICOM: its header, where its frames lie, and its first tiles.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("s.dcm", bytes, count) { url in
        let rules = ReadingRules(acceptsGrey: true)
        _ = try? DICOMHeader.container(OpenFile(url))
        guard let instance = try DICOMInstance(OpenFile(url), rules),
            instance.header.rows * instance.header.columns <= 1 << 20
        else { return }
        let pyramid = try DICOMPyramid([instance])
        _ = pyramid.account(profile: nil).properties
        let tiles = try DICOMTiles(pyramid.levels[0], rules)
        var pixels = [UInt8](repeating: 0, count: tiles.grid.tileBytes)
        for tile in 0..<min(tiles.grid.count, 8) { _ = tiles.decode(tile, into: &pixels) }
    }
    return 0
}
