import Foundation
import Imaging
import Records

@testable import Slides

/// A Trestle TIFF: tiles of a level overlap by as much as the ImageDescription says, and the resolution tags are µm per pixel.
struct WrittenTrestle {
    var glass: WrittenGlass
    /// For each level, both with the same number of tiles.
    var tiles = [(side: 128, overlap: 16), (side: 64, overlap: 8)]
    var mpp: UInt32 = 1

    func data() throws -> Data {
        var tiff = WrittenTIFF()
        let overlaps = tiles.map { "\($0.overlap) \($0.overlap)" }.joined(separator: " ")
        for (level, (side, overlap)) in tiles.enumerated() {
            func count(_ length: Int) -> Int { ((length >> level) - overlap) / (side - overlap) }
            let raster = PixelSize(width: count(glass.size.width) * side, height: count(glass.size.height) * side)
            let streams = try WrittenTIFF.tiles(raster, side: side) { tile in
                var place = tile
                place.x -= tile.x / side * overlap
                place.y -= tile.y / side * overlap
                return glass.picture(place, downsample: 1 << level)
            }
            var tags: [WrittenTIFF.Tag: WrittenTIFF.Value] = [
                .software: .text("MedScan"), .subfile: .longs([level == 0 ? 0 : 1]),
                .xResolution: .rational(mpp), .yResolution: .rational(mpp), .resolutionUnit: .shorts([3]),
            ]
            if level == 0 {
                tags[.description] = .text("Objective Power=10;Background Color=E6E6E6;OverlapsXY= \(overlaps)")
            }
            tiff.addTiles(streams, raster, side: side, tags)
        }
        return tiff.data
    }
}
