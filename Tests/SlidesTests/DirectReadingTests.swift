import Foundation
import Imaging
import Records
import Sample
import TestSupport
import Testing

@testable import Config
@testable import Slides

/// Colours that change quickly in both axes, so that a wrong offset, colour space or chroma filter shows.
private struct Weave: PixelSource {
    let size: PixelSize
    var phase = 0

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        var at = 0
        for y in rows {
            for x in 0..<size.width {
                pixels[at] = UInt8(truncatingIfNeeded: 128 + (x &* 7 ^ y &* 5) % 97 + phase)
                pixels[at + 1] = UInt8(truncatingIfNeeded: 40 + (x &+ y &* 3) / 2 % 180)
                pixels[at + 2] = UInt8(truncatingIfNeeded: 255 - x / 3 - y / 5)
                at += 3
            }
        }
    }
}

private func withSlide<Result>(
    _ options: PyramidOptions = PyramidOptions(),
    size: PixelSize = PixelSize(width: 1040, height: 784),
    change: (inout Data) throws -> Void = { _ in },
    _ body: (String) throws -> Result
) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-direct-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "made.svs")
    try PyramidWriter.write(Weave(size: size), to: file, options: options)
    var data = try Data(contentsOf: file)
    try change(&data)
    try data.write(to: file)
    return try body(file.path)
}

/// Aligned to tiles of 256 and shifted, tiny, at each edge, and all of it.
private func places(in slide: Slide, level: Int) -> [LevelRect] {
    let (size, factor) = (slide.levels[level].size, Int(slide.levels[level].downsample))
    let places = [
        (0, 0, 256, 256), (256, 256, 256, 256), (100, 57, 256, 256), (255, 239, 2, 2), (17, 300, 1, 1),
        (3, 5, 700, 500),
        (size.width - 61, size.height - 33, 61, 33), (0, size.height - 1, size.width, 1),
        (size.width - 1, 0, 1, size.height), (0, 0, size.width, size.height),
    ]
    return places.filter { $0.0 + $0.2 <= size.width && $0.1 + $0.3 <= size.height }.map {
        LevelRect(level: level, x: $0.0 * factor, y: $0.1 * factor, width: $0.2, height: $0.3)
    }
}

private func checksum(_ body: () throws -> RGBImage) -> Int? { try? body().pixels.hashValue }

/// Compares every place of every level by checksum with OpenSlide alone.
/// - Parameter isWhole: false where some of them may be left to OpenSlide.
private func expectOpenSlidesPixels(_ slide: Slide, levels: [Int], isWhole: Bool = true) {
    for level in levels {
        let places = places(in: slide, level: level)
        var direct = 0
        for place in places {
            if slide.directImage(place, through: nil) != nil { direct += 1 }
            let ours = checksum { try slide.read(place, through: nil) }
            let theirs = checksum { try slide.region(place).image(on: .white) }
            #expect(ours == theirs, "\(place)")
        }
        #expect(direct > 0 && (direct == places.count || !isWhole), "level \(level)")
    }
}

struct DirectReadingTests {
    @Test(arguments: [240, 256, 512], [PyramidOptions.Colour.yCbCr444, .yCbCr422, .yCbCr420, .rgb])
    func pixelsAreOpenSlidesForEveryTileSizeAndColour(tileSize: Int, colour: PyramidOptions.Colour) throws {
        let options = PyramidOptions(tileSize: tileSize, quality: 70, colour: colour)
        try withSlide(options) { path in
            let slide = try Slide(path: path)
            for level in 0..<3 { #expect(slide.tiles(of: level)?.grid.tileSize.width == tileSize) }
            expectOpenSlidesPixels(slide, levels: [0, 1, 2])
        }
    }

    @Test(arguments: [true, false]) func genericAndBigTIFFsAreReadDirectly(isBig: Bool) throws {
        let options = PyramidOptions(levels: 2, description: .none, bigTIFF: isBig)
        try withSlide(options) { path in
            let slide = try Slide(path: path)
            #expect(slide.vendor == "generic-tiff" && slide.tiles(of: 0) != nil && slide.tiles(of: 1) != nil)
            expectOpenSlidesPixels(slide, levels: [0, 1])
        }
    }

    @Test(arguments: [true, false]) func aMissingTileIsLeftToOpenSlide(isAperio: Bool) throws {
        let options = PyramidOptions(description: isAperio ? .aperio(mpp: 0.5, magnification: 20) : .none)
        // Tile 6 is column 1 of row 1.
        try withSlide(options, change: { ClassicTIFF.setByteCount(of: 6, to: 0, in: &$0) }) { path in
            let slide = try Slide(path: path)
            let tiles = try #require(slide.tiles(of: 0) as? JPEGTiles)
            #expect(tiles.byteCount(of: 6) == nil && tiles.byteCount(of: 7) != nil)
            // A generic one is read past OpenSlide altogether.
            #expect((slide.openSlide != nil) == isAperio)
            if isAperio { expectOpenSlidesPixels(slide, levels: [0], isWhole: false) }
            let (image, alpha) = try slide.readWithAlpha(level: 0, x: 300, y: 300, width: 9, height: 9)
            #expect(image[4, 4] == .white && alpha[40] == 0)
        }
    }

    @Test func aDamagedTileIsDroppedByBothOrDecodedByBoth() throws {
        func damage(_ data: inout Data, _ byte: UInt8) {
            let (start, count) = ClassicTIFF.tile(6, in: data)
            for at in stride(from: start + count / 3, to: start + count, by: 7) { data[at] = byte }
        }
        for byte: UInt8 in [0, 0xFF, 0x5A] {
            try withSlide(change: { damage(&$0, byte) }) { path in
                let slide = try Slide(path: path)
                #expect(slide.tiles(of: 0) != nil)
                expectOpenSlidesPixels(slide, levels: [0], isWhole: false)
            }
        }
    }

    @Test func aShortenedTileIsAnError() throws {
        func shorten(_ data: inout Data) { ClassicTIFF.setByteCount(of: 6, to: 300, in: &data) }
        try withSlide(change: shorten) { path in
            let slide = try Slide(path: path)
            #expect(throws: SlideError.self) { try slide.read(level: 0, x: 300, y: 300, width: 9, height: 9) }
            #expect(throws: Never.self) { try slide.read(level: 0, x: 0, y: 0, width: 256, height: 256) }
        }
    }

    @Test func levelsBetweenWholeDownsamplesAreOpenSlides() throws {
        try withSlide(size: PixelSize(width: 1043, height: 785)) { path in
            let slide = try Slide(path: path)
            #expect(slide.levels[1].downsample != 4)
            #expect(slide.tiles(of: 0) != nil && slide.tiles(of: 1) == nil)
        }
    }

    @Test func tilesThatShowSomethingElseAreNotBelieved() throws {
        try withSlide { path in
            let slide = try Slide(path: path)
            let own = try #require(JPEGTiles(path: path, size: slide.size))
            let whole = PixelRect(x: 0, y: 0, width: 64, height: 64)
            #expect(slide.agrees(own, with: whole, 0) == true)
            let other = URL(filePath: path).deletingLastPathComponent().appending(path: "other.svs")
            try PyramidWriter.write(Weave(size: slide.size, phase: 3), to: other)
            let foreign = try #require(JPEGTiles(path: other.path, size: slide.size))
            #expect(slide.agrees(foreign, with: whole, 0) == false)
        }
    }

    @Test func aLevelOfWhichNothingCanBeComparedIsOpenSlides() throws {
        // One tile, cut short.
        let size = PixelSize(width: 200, height: 200)
        let options = PyramidOptions(levels: 1, description: .none)
        let isDirect = try [false, true].map { isShort in
            try withSlide(options, size: size, change: { if isShort { ClassicTIFF.shortenOnlyTile(in: &$0) } }) {
                try Slide(path: $0).tiles(of: 0) != nil
            }
        }
        #expect(isDirect == [true, false])
    }

    @Test func aPassDecodesEachTileOnce() throws {
        try withSlide(PyramidOptions(tileSize: 240), size: PixelSize(width: 2048, height: 1024)) { path in
            let slide = try Slide(path: path)
            let corners = (0..<3).flatMap { row in (0..<7).map { PixelPoint(x: 100 + $0 * 256, y: 57 + row * 256) } }
            let grid = PatchGrid(
                slide: try SlideID("made"),
                geometry: try GridPlanner.geometry(of: slide.pyramid, mpp: 0.5, config: TilingConfig()),
                scale: SlideScale(mpp: 0.5, source: .option),
                slideSize: slide.size,
                bounds: slide.bounds,
                corners: corners
            )
            let tiles = try #require(slide.tiles(of: 0) as? JPEGTiles)
            let before = tiles.decoded
            var reader = PatchReader(of: slide, grid: grid, batchSize: 5)
            var compared = 0
            while let batch = try reader.nextBatch() {
                for (index, row) in batch.rows.enumerated() {
                    compared += 1
                    let place = LevelRect(level: 0, x: corners[row].x, y: corners[row].y, width: 256, height: 256)
                    let theirs = try slide.region(place).image(on: .white)
                    #expect(batch.pixels[(index * 196_608)..<((index + 1) * 196_608)].elementsEqual(theirs.pixels))
                }
            }
            // Columns 0 to 7 and rows 0 to 3 of the file's tiles.
            #expect(tiles.decoded - before == 32 && compared == corners.count)
        }
    }
}

@Suite(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
struct RealDirectReadingTests {
    @Test(arguments: [
        ("CMU-1-Small-Region.svs", [0]), ("cmu1_small_region_pyramid.tif", [0]),
        ("camelyon16_tumor_001_level5.tif", [0]),
        ("TCGA-CR-7395-01A-01-TS1.svs", []),
    ])
    func pixelsOfRealSlidesAreOpenSlides(name: String, direct: [Int]) throws {
        let slide = try Slide(path: SharedData.path("slides/\(name)"))
        #expect(slide.levels.indices.filter { slide.tiles(of: $0) != nil } == direct)
        expectOpenSlidesPixels(slide, levels: direct)
        var compared = 0
        for y in stride(from: 0, to: slide.size.height - 256, by: 256) {
            for x in stride(from: 0, to: slide.size.width - 256, by: 256) {
                let place = LevelRect(level: 0, x: x, y: y, width: 256, height: 256)
                compared += slide.directImage(place, through: nil) == nil ? 0 : 1
                #expect(try slide.read(place, through: nil) == slide.region(place).image(on: .white))
            }
        }
        #expect(direct.isEmpty ? compared == 0 : compared > 0)
    }
}

/// Changes the tables of tiles in the first directory of a little-endian TIFF.
private enum ClassicTIFF {
    private static func number(_ data: Data, _ at: Int, _ width: Int) -> Int {
        (0..<width).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
    }

    /// Where the value of a tile in tag 324 (offsets) or 325 (byte counts) is, and its width.
    private static func position(_ tag: Int, _ tile: Int, in data: Data) -> (at: Int, width: Int) {
        let directory = number(data, 4, 4)
        for entry in 0..<number(data, directory, 2) {
            let at = directory + 2 + entry * 12
            guard number(data, at, 2) == tag else { continue }
            let width = number(data, at + 2, 2) == 3 ? 2 : 4
            return (number(data, at + 8, 4) + tile * width, width)
        }
        return (data.count, 0)
    }

    static func setByteCount(of tile: Int, to count: Int, in data: inout Data) {
        let (at, width) = position(325, tile, in: data)
        for byte in 0..<width { data[at + byte] = UInt8(truncatingIfNeeded: count >> (8 * byte)) }
    }

    /// Ends the scan of the first tile after its first bytes; a directory's only tile has its offset in the entry itself.
    static func shortenOnlyTile(in data: inout Data) {
        let directory = number(data, 4, 4)
        for entry in 0..<number(data, directory, 2) {
            let at = directory + 2 + entry * 12
            guard number(data, at, 2) == 324 else { continue }
            let start = number(data, at + 8, 4)
            guard let scan = data[start...].range(of: Data([0xFF, 0xDA])) else { return }
            data.replaceSubrange((scan.upperBound + 40)..<(scan.upperBound + 42), with: [0xFF, 0xD9])
        }
    }

    static func tile(_ tile: Int, in data: Data) -> (start: Int, count: Int) {
        let (offset, count) = (position(324, tile, in: data), position(325, tile, in: data))
        return (number(data, offset.at, offset.width), number(data, count.at, count.width))
    }
}
