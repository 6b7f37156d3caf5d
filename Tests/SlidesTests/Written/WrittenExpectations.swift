import Config
import Imaging
import Records
import Testing

@testable import Slides

/// Compares levels with what was drawn, within what JPEG loses, at no other place than where it was drawn.
func expect(
    _ glass: WrittenGlass,
    on slide: Slide,
    levels: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(try slide.scale() == SlideScale(mpp: 1, source: .property), sourceLocation: sourceLocation)
    for blob in glass.blobs {
        // Over a corner, so that a shift along either axis shows.
        let corner = PixelRect(x: blob.x - 32, y: blob.y - 32, width: 128, height: 128)
        for level in levels {
            let downsample = Int(slide.levels[level].downsample)
            let place = LevelRect(
                level: level,
                x: corner.x,
                y: corner.y,
                width: corner.width / downsample,
                height: corner.height / downsample
            )
            let read = try slide.read(place, through: nil)
            if slide.tiles(of: level) != nil {
                #expect(try slide.region(place).image(on: .white) == read, sourceLocation: sourceLocation)
            }
            func drawn(_ x: Int, _ y: Int) -> RGBImage {
                let place = PixelRect(
                    x: corner.x / downsample + x,
                    y: corner.y / downsample + y,
                    width: read.width,
                    height: read.height
                )
                return glass.picture(place, downsample: downsample)
            }
            let here = meanDifference(read, drawn(0, 0))
            // On the coarsest levels blocks of colour are smaller than those of the chroma.
            #expect(here < 6, "level \(level) at \(corner)", sourceLocation: sourceLocation)
            for (x, y) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                #expect(meanDifference(read, drawn(x, y)) > here, "level \(level)", sourceLocation: sourceLocation)
            }
        }
    }
}

/// Tiles the slide: patches cover every blob, and lie on nothing else.
func expectPatches(
    on blobs: [PixelRect],
    of slide: Slide,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    var config = TilingConfig()
    (config.mpp, config.patchSize) = (1, 64)
    let tiling = try SlideTiling(of: slide, id: SlideID("made"), config: config)
    let (corners, side) = (tiling.grid.corners, tiling.grid.geometry.sideLevel0)
    #expect(tiling.notes == [] && side == 64, sourceLocation: sourceLocation)
    #expect(tiling.grid.bounds == slide.bounds, sourceLocation: sourceLocation)
    let patches = corners.map { PixelRect(x: $0.x, y: $0.y, width: side, height: side) }
    let stray = patches.filter { patch in
        !blobs.contains { $0.grown(by: 16).touches(patch) } || (patch.x - slide.bounds.x) % side != 0
    }
    #expect(stray.isEmpty, sourceLocation: sourceLocation)
    for blob in blobs {
        let inner = blob.grown(by: -40)
        let bare = stride(from: inner.y, to: inner.y + inner.height, by: 8).flatMap { y in
            stride(from: inner.x, to: inner.x + inner.width, by: 8).map { PixelPoint(x: $0, y: y) }
        }.filter { point in !patches.contains { $0.contains(point.x, point.y) } }
        #expect(bare.isEmpty, "of \(blob)", sourceLocation: sourceLocation)
    }
}

private func meanDifference(_ one: RGBImage, _ other: RGBImage) -> Double {
    let sum = zip(one.pixels, other.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(one.pixels.count)
}
