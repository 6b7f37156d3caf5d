import Foundation
import Imaging
import Records
import Sample
import TestSupport
import Testing

@testable import Slides

/// Stripes and slopes, on which a shift by one pixel and another chroma filter show.
private struct Stripes: PixelSource {
    let size: PixelSize

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        var at = 0
        for y in rows {
            for x in 0..<size.width {
                pixels[at] = UInt8(truncatingIfNeeded: 100 + (x &* 11 ^ y &* 3) % 120)
                pixels[at + 1] = UInt8(truncatingIfNeeded: 60 + (x &* 2 &+ y) / 3 % 150)
                pixels[at + 2] = UInt8(truncatingIfNeeded: 250 - x / 5 - y / 4)
                at += 3
            }
        }
    }
}

/// What is read with this process's OpenSlide beside what the system's version 3 reads.
@Suite(.enabled(if: OlderOpenSlide.isThere, "\(OlderOpenSlide.absence)"))
struct OpenSlideVersionTests {
    /// - Parameter tolerance: by how much a channel may differ.
    private func expectSamePixels(_ path: String, tolerance: Int = 0) throws {
        let older = try #require(OlderOpenSlide())
        let reader = try #require(try OpenSlideReader(path: path))
        let levels = try reader.account().levels
        let others = try #require(older.levels(of: path))
        #expect(levels.map(\.description) == others.map(\.description))
        let places = levels.enumerated().flatMap { index, level in Self.places(of: level, index) }
        let theirs = try #require(older.pixels(places, of: path))
        var shown: Set<UInt32> = []
        for (place, theirs) in zip(places, theirs) {
            var ours = [UInt32](repeating: 0, count: theirs.count)
            try ours.withUnsafeMutableBufferPointer { try reader.read(place, into: #require($0.baseAddress)) }
            #expect(Self.difference(ours, theirs) <= tolerance, "\(place)")
            shown.formUnion(ours)
        }
        #expect(shown.count > 1000, "an even picture would show nothing")
    }

    /// The corners and the middle, off the tiles' edges.
    private static func places(of level: SlideAccount.Level, _ index: Int) -> [LevelRect] {
        let (width, height) = (min(300, Int(level.width)), min(300, Int(level.height)))
        return [0, 0.37, 1].flatMap { down in
            [0, 0.41, 1].map { right in
                let x = (right * Double(Int(level.width) - width)).rounded(.down)
                let y = (down * Double(Int(level.height) - height)).rounded(.down)
                return LevelRect(
                    level: index,
                    x: Int(x * level.downsample),
                    y: Int(y * level.downsample),
                    width: width,
                    height: height
                )
            }
        }
    }

    /// The most by which a channel of a pixel differs.
    private static func difference(_ ours: [UInt32], _ theirs: [UInt32]) -> Int {
        var most = 0
        for (own, other) in zip(ours, theirs) where own != other {
            for shift: UInt32 in [0, 8, 16, 24] {
                let (left, right) = (Int(own >> shift & 255), Int(other >> shift & 255))
                most = max(most, abs(left - right))
            }
        }
        return most
    }

    @Test(arguments: [PyramidOptions.Colour.yCbCr420, .yCbCr422, .rgb], [true, false])
    func bothVersionsReadTheSameOfAJPEGTIFF(colour: PyramidOptions.Colour, isAperio: Bool) throws {
        let scratch = try Scratch()
        let file = scratch.file("made.svs")
        let options = PyramidOptions(
            tileSize: 240,
            levels: 2,
            colour: colour,
            description: isAperio ? .aperio(mpp: 0.5, magnification: 20) : .none
        )
        // Levels that are no whole ratio of each other.
        try PyramidWriter.write(Stripes(size: PixelSize(width: 1043, height: 785)), to: file, options: options)
        try expectSamePixels(file.path)
    }

    /// JPEG 2000 is rounded otherwise by another version of OpenJPEG.
    @Test(
        .enabled(if: SharedData.isThere, "\(SharedData.absence)"),
        arguments: [("CMU-1-Small-Region.svs", 0), ("TCGA-CR-7395-01A-01-TS1.svs", 1)]
    )
    func bothVersionsReadTheSameOfRealSlides(name: String, tolerance: Int) throws {
        try expectSamePixels(SharedData.path("slides/\(name)"), tolerance: tolerance)
    }
}
