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

/// Compares patches, read as a model gets them, with what was drawn: everywhere in the blobs, so also where pictures of the scanner
/// meet, at the scale of levels and between them.
/// - Parameter limit: of the mean difference in a block of 16 × 16 pixels; JPEG stays below 5.
func expectPixels(
    _ glass: WrittenGlass,
    on slide: Slide,
    mpp targets: [Double] = [1, 1.3, 2, 3],
    limit: Double = 6,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let side = 64
    for target in targets {
        let span = Int((Double(side) * target).rounded(.up) / 8) * 8 + 8
        let corners = glass.blobs.flatMap { blob in
            let area = blob.grown(by: 32)
            return stride(from: area.y, through: area.y + area.height - span, by: span).flatMap { y in
                stride(from: area.x, through: area.x + area.width - span, by: span).map { PixelPoint(x: $0, y: y) }
            }
        }
        let grid = try PatchGrid(slide, patchSize: side, mpp: 1, target: target, corners)
        let downsample = Int(slide.levels[grid.geometry.level].downsample)
        var reader = PatchReader(of: slide, grid: grid)
        var (count, shift) = (0, 0.0)
        while let batch = try reader.nextBatch() {
            for (index, row) in batch.rows.enumerated() {
                func drawn(_ x: Int, _ y: Int) -> RGBImage {
                    let (corner, length) = (corners[row], grid.geometry.sideAtLevel)
                    let place = PixelRect(
                        x: corner.x / downsample + x,
                        y: corner.y / downsample + y,
                        width: length,
                        height: length
                    )
                    return glass.picture(place, downsample: downsample).resized(width: side, height: side)
                }
                let bytes = side * side * 3
                let read = RGBImage(
                    width: side,
                    height: side,
                    pixels: Array(batch.pixels[(index * bytes)..<((index + 1) * bytes)])
                )
                let here = blockDifferences(read, drawn(0, 0))
                let mean = here.reduce(0, +) / Double(here.count)
                let words: Comment = "\(target) µm at \(corners[row]): \(mean), \(here.max() ?? 0)"
                #expect(mean < 6 && (here.max() ?? 0) < limit, words, sourceLocation: sourceLocation)
                for (x, y) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                    // Along a straight edge that fills the patch nothing changes.
                    let worse = blockDifferences(read, drawn(x, y)).reduce(0, +) - here.reduce(0, +)
                    #expect(worse >= 0, words, sourceLocation: sourceLocation)
                    shift += worse
                }
                count += 1
            }
        }
        #expect(count > 0 && count == corners.count && shift > 0, sourceLocation: sourceLocation)
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

/// Of each block of 16 × 16 pixels, row by row.
private func blockDifferences(_ one: RGBImage, _ other: RGBImage) -> [Double] {
    let (columns, rows) = (one.width / 16, one.height / 16)
    return (0..<(columns * rows)).map { block in
        func part(_ image: RGBImage) -> RGBImage {
            image.cropped(x: block % columns * 16, y: block / columns * 16, width: 16, height: 16)
        }
        return meanDifference(part(one), part(other))
    }
}
