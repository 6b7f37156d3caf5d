import Foundation
import Imaging
import Records
import Sample
import TestSupport
import Testing

@testable import Config
@testable import Slides

/// Patches that reach beyond the right and the bottom edge of their slide.
struct EdgeTests {
    private func pyramid(_ width: Int, _ height: Int, _ downsample: Double = 1) throws -> Pyramid {
        let level = PixelSize(width: Int(Double(width) / downsample), height: Int(Double(height) / downsample))
        var levels = [Pyramid.Level(size: PixelSize(width: width, height: height), downsample: 1)]
        if downsample > 1 { levels.append(.init(size: level, downsample: downsample)) }
        return try Pyramid(levels: levels)
    }

    @Test(arguments: [
        (900, 700, 4, 3), (1024, 768, 4, 3), (1025, 769, 5, 4), (255, 10, 1, 1), (256, 256, 1, 1),
    ])
    func theGridGoesOnAsLongAsCornersAreOnTheSlide(width: Int, height: Int, columns: Int, rows: Int) throws {
        let pyramid = try pyramid(width, height)
        let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.5, config: TilingConfig())
        let padded = GridPlanner.candidates(on: pyramid, geometry, .pad)
        #expect(padded == PixelSize(width: columns, height: rows))
        let whole = GridPlanner.candidates(on: pyramid, geometry, .drop)
        #expect(whole.width == width / 256 && whole.height == height / 256)
    }

    /// 600 × 456 pixels of tissue: the third column has 88 of 256 pixels on the slide, the second row 200.
    private func tiling(_ change: (inout TilingConfig) -> Void = { _ in }) throws -> SlideTiling {
        var config = TilingConfig()
        config.quality = .full
        change(&config)
        var made = TestTIFF(width: 600, height: 456) { x, y in
            if x >= 512 { return [40, 70, 170] }
            let (column, row) = (UInt32(x / 8), UInt32(y / 8))
            let isNucleus = (column &* 2_654_435_761 ^ row &* 2_246_822_519) >> 13 % 3 == 0
            return isNucleus ? [110, 60, 130] : [225, 140, 185]
        }
        made.tile = 256
        made.resolution = (20_000, 20_000, .centimetre)
        return try made.use { try SlideTiling(of: Slide(path: $0), id: SlideID("made"), config: config) }
    }

    @Test func everyPatchSaysHowMuchOfItIsOutside() throws {
        let tiling = try tiling()
        try #require(tiling.grid.count == 6)
        #expect(tiling.grid.corners.map(\.x) == [0, 256, 512, 0, 256, 512])
        let (right, bottom) = (Float(88) / 256, Float(200) / 256)
        let inside: [Float] = [1, 1, right, bottom, bottom, right * bottom]
        let outside = try #require(tiling.quality.outside)
        for (got, wanted) in zip(outside, inside) { #expect(abs(1 - got - wanted) < 1e-6) }
        // All of the slide is tissue, and nothing of what lies outside.
        for (got, wanted) in zip(tiling.quality.tissue, inside) { #expect(abs(got - wanted) < 1e-6) }
        #expect(outside[0] == 0 && outside[1] == 0)
    }

    @Test func inkAndFocusAreThoseOfThePartOnTheSlide() throws {
        let quality = try tiling().quality
        let ink = try #require(quality.ink)
        #expect(zip(ink, [0, 0, 1, 0, 0, 1]).allSatisfy { abs($0 - Float($1)) < 0.02 }, "\(ink)")
        // White beyond the edge would be an edge, and an edge is sharp.
        #expect(abs(quality.focus[3] - quality.focus[0]) < 0.05 && abs(quality.focus[4] - quality.focus[1]) < 0.05)
        #expect(quality.focus[2] == 0 && quality.focus[5] == 0)
    }

    @Test func aPatchNeedsItsTissueOfTheWholeSquare() throws {
        #expect(try tiling { $0.minTissue = 0.3 }.grid.corners.map(\.x) == [0, 256, 512, 0, 256])
        #expect(try tiling { $0.minTissue = 0.8 }.grid.corners == [PixelPoint(x: 0, y: 0), PixelPoint(x: 256, y: 0)])
        let none = try tiling { ($0.minTissue, $0.patchSize) = (0.5, 900) }
        #expect(none.grid.count == 0 && none.emptyReason == "no patch has at least 0.5 of tissue")
    }

    @Test func withoutEdgesOnlyWholePatchesAreTaken() throws {
        let tiling = try tiling { $0.edge = .drop }
        #expect(tiling.grid.corners == [PixelPoint(x: 0, y: 0), PixelPoint(x: 256, y: 0)])
        #expect(tiling.quality.outside == [0, 0])
        let none = try self.tiling { ($0.edge, $0.patchSize) = (.drop, 500) }
        #expect(none.emptyReason == "no whole patch has at least 0.25 of tissue")
    }

    @Test func focusIsNotToldOfANarrowStrip() throws {
        // 32 pixels of 0.5 µm are eight at 2 µm, as the last column has; the last row has 30.
        let tiling = try tiling { ($0.patchSize, $0.minTissue) = (142, 0) }
        try #require(tiling.grid.corners.last == PixelPoint(x: 568, y: 426))
        for (corner, value) in zip(tiling.grid.corners, tiling.quality.focus) {
            #expect(value.isNaN == (corner.y == 426), "\(corner)")
        }
    }

    @Test func aReadKeepsTheWholePixelsOfItsLevel() throws {
        let pyramid = try pyramid(1030, 1027, 4)
        // 257.5 and 256.75 pixels, of which the level has 257 and 256.
        func inside(_ x: Int, _ y: Int, _ side: Int) -> PixelSize? {
            pyramid.inside(LevelRect(level: 1, x: x, y: y, width: side, height: side)).map {
                PixelSize(width: $0.width, height: $0.height)
            }
        }
        #expect(inside(0, 0, 64) == PixelSize(width: 64, height: 64))
        #expect(inside(1000, 1000, 64) == PixelSize(width: 7, height: 6))
        #expect(inside(1001, 1000, 64) == PixelSize(width: 7, height: 6))
        #expect(inside(1024, 1020, 64) == PixelSize(width: 1, height: 1))
        #expect(inside(1028, 0, 64) == nil && inside(0, 1024, 64) == nil)
        #expect(pyramid.inside(LevelRect(level: 2, x: 0, y: 0, width: 1, height: 1)) == nil)
    }

    @Test func aPatchOfWhichTheLevelHasNothingIsNone() throws {
        // Level 1 ends at level-0 pixel 1024.
        let pyramid = try Pyramid(levels: [
            .init(size: PixelSize(width: 1026, height: 512), downsample: 1),
            .init(size: PixelSize(width: 256, height: 128), downsample: 4),
        ])
        var config = TilingConfig()
        (config.patchSize, config.minTissue) = (64, 0)
        let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.125, config: config)
        #expect(geometry.level == 1 && geometry.sideLevel0 == 256)
        let overview = Overview(
            image: RGBImage(width: 17, height: 8, fill: RGB(220, 130, 180)),
            alpha: Array(repeating: 255, count: 17 * 8),
            scale: 64
        )
        config.mask.minAreaUM2 = 0
        let mask = TissueMask(overview, slideSize: pyramid.size, mpp: 0.125, config.mask)
        let corners = try GridPlanner.corners(in: pyramid, geometry, tissue: mask, config: config).corners
        #expect(Set(corners.map(\.x)) == [0, 256, 512, 768])
    }
}

/// Dark colours without any white, so that what is padded, or bleeds in, shows.
private struct Dusk: PixelSource {
    let size: PixelSize

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        var at = 0
        for y in rows {
            for x in 0..<size.width {
                pixels[at] = UInt8(truncatingIfNeeded: 20 + (x &* 7 ^ y &* 5) % 97)
                pixels[at + 1] = UInt8(truncatingIfNeeded: 40 + (x &+ y &* 3) / 2 % 100)
                pixels[at + 2] = UInt8(truncatingIfNeeded: 90 - x / 30)
                at += 3
            }
        }
    }
}

/// What the pixels of such patches are, whoever reads them.
struct PaddedReadingTests {
    private func withSlide(_ size: PixelSize, _ body: (Slide) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-edge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "made.svs")
        try PyramidWriter.write(Dusk(size: size), to: file, options: PyramidOptions())
        try body(try Slide(path: file.path))
    }

    private func patches(_ slide: Slide, mpp: Double, _ corners: [PixelPoint]) throws
        -> (PatchGeometry, [RGBImage])
    {
        let grid = try PatchGrid(slide, patchSize: 64, mpp: mpp, corners)
        var reader = PatchReader(of: slide, grid: grid, batchSize: 3)
        var images: [RGBImage] = []
        while let batch = try reader.nextBatch() {
            for row in 0..<batch.count {
                let pixels = Array(batch.pixels[(row * 12_288)..<((row + 1) * 12_288)])
                images.append(RGBImage(width: 64, height: 64, pixels: pixels))
            }
        }
        #expect(images.count == corners.count && reader.unreadable.isEmpty)
        return (grid.geometry, images)
    }

    /// At level 0 and level 1 (read directly, and not), with and without resampling, on levels whose scale is whole or not.
    @Test(
        arguments: [PixelSize(width: 1040, height: 784), PixelSize(width: 1043, height: 785)],
        [0.5, 0.125, 0.4, 0.1]
    )
    func pixelsBeyondTheEdgeAreWhiteAndTheOthersOpenSlides(size: PixelSize, mpp: Double) throws {
        try withSlide(size) { slide in
            let step = Int(64 * 0.5 / mpp)
            let (right, bottom) = ((size.width - 1) / step * step, (size.height - 1) / step * step)
            let corners = [(0, 0), (right, 0), (right, step), (0, bottom), (right, bottom)]
                .map { PixelPoint(x: $0.0, y: $0.1) }
            let (geometry, images) = try patches(slide, mpp: mpp, corners)
            for (corner, image) in zip(corners, images) {
                let side = geometry.sideAtLevel
                let place = LevelRect(level: geometry.level, x: corner.x, y: corner.y, width: side, height: side)
                let theirs = try slide.region(place).image(on: .white)
                #expect(image == theirs.resized(width: 64, height: 64), "\(place)")
                let part = try #require(slide.pyramid.inside(place))
                let (shownX, shownY) = (part.width * 64 / side, part.height * 64 / side)
                for y in 0..<64 {
                    for x in 0..<64 {
                        if x < shownX - 1, y < shownY - 1 {
                            #expect(image[x, y].green < 200, "\(place): \(x), \(y)")
                        } else if x > shownX + 1 || y > shownY + 1 {
                            #expect(image[x, y] == .white, "\(place): \(x), \(y)")
                        }
                    }
                }
            }
        }
    }

    @Test func aPatchForPeopleIsWhiteBeyondTheEdgeAndNoneOffTheSlide() throws {
        try withSlide(PixelSize(width: 400, height: 300)) { slide in
            let patch = try slide.patch(at: PixelPoint(x: 360, y: 290), side: 50)
            let part = try slide.read(level: 0, x: 360, y: 290, width: 40, height: 10)
            #expect(patch.width == 50 && patch.height == 50)
            #expect(patch.cropped(x: 0, y: 0, width: 40, height: 10) == part)
            #expect(patch[40, 0] == .white && patch[0, 10] == .white && patch[49, 49] == .white)
            for corner in [PixelPoint(x: 400, y: 0), PixelPoint(x: -1, y: 0), PixelPoint(x: 0, y: 300)] {
                #expect(throws: SlideError.self) { try slide.patch(at: corner, side: 50) }
            }
            #expect(throws: SlideError.self) { try slide.patch(at: PixelPoint(x: 0, y: 0), side: 1 << 40) }
        }
    }

    @Test func aPassAlongTheEdgeDecodesEachTileOnce() throws {
        try withSlide(PixelSize(width: 1000, height: 500)) { slide in
            let corners = (0..<8).flatMap { row in (0..<16).map { PixelPoint(x: $0 * 64, y: row * 64) } }
            let tiles = try #require(slide.tiles(of: 0) as? JPEGTiles)
            let before = tiles.decoded
            _ = try patches(slide, mpp: 0.5, corners)
            #expect(tiles.decoded - before == tiles.grid.count)
        }
    }
}
