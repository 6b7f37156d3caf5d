import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// TIFFs that OpenSlide opens, and of which it reads other pixels than they have, or none.
struct OddTIFFTests {
    private func image(_ change: (inout MadeTIFF.Image) -> Void = { _ in }) -> MadeTIFF.Image {
        var image = MadeTIFF.Image(100, 75, pixel: tiffWeave)
        change(&image)
        return image
    }

    private func whole(_ slide: Slide) throws -> [UInt8] {
        try slide.read(level: 0, x: 0, y: 0, width: slide.size.width, height: slide.size.height).pixels
    }

    private func whole(_ made: MadeTIFF) throws -> [UInt8] { try made.use { try whole(Slide(path: $0)) } }

    private func refusal(_ images: [MadeTIFF.Image]) throws -> String? {
        let error = try MadeTIFF(images).use { path in #expect(throws: SlideError.self) { try Slide(path: path) } }
        #expect(error?.code == .slideFormat)
        return error?.message
    }

    /// OpenSlide takes the first image for level 0 and only reduced ones beside it.
    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]) func levelsMayLieInAnyOrder(order: [Int]) throws {
        let images = (0..<3).map { level in
            var image = MadeTIFF.Image(128 >> level, 96 >> level) { x, y in tiffWeave(x << level, y << level) }
            image.tags[254] = [level == 0 ? 0 : 1]
            return image
        }
        try MadeTIFF(order.map { images[$0] }).use { path in
            let slide = try Slide(path: path)
            #expect(slide.size == PixelSize(width: 128, height: 96) && slide.levels.map(\.downsample) == [1, 2, 4])
            #expect(try firstDifference(whole(slide), tiffPixels(128, 96)) == nil)
        }
    }

    /// Of no whole KiB, not of 16 pixels, larger than the image, of one pixel.
    @Test(arguments: [16, 48, 20, 33, 128, 1]) func tilesOfAnySideAreRead(side: Int) throws {
        #expect(try firstDifference(whole(MadeTIFF([image { $0.tile = side }])), tiffPixels(100, 75)) == nil)
        var pixel = MadeTIFF.Image(1, 1, pixel: tiffWeave)
        pixel.tile = side
        #expect(try whole(MadeTIFF([pixel])) == tiffPixels(1, 1))
    }

    /// libtiff's own conversion takes a sample that nothing is said of for an alpha.
    @Test func aSampleThatIsNoAlphaChangesNoColour() throws {
        for kinds in [[0], nil] as [[Int]?] {
            let made = image {
                ($0.samples, $0.pixel) = (4, { tiffWeave($0, $1) + [($0 * 9) & 255] })
                if let kinds { $0.tags[338] = kinds }
            }
            #expect(try firstDifference(whole(MadeTIFF([made])), tiffPixels(100, 75)) == nil)
        }
    }

    @Test func whatIsNoColourImageIsRefusedThoughItOpens() throws {
        let five = image { ($0.samples, $0.pixel, $0.tags) = (5, { tiffWeave($0, $1) + [0, 0] }, [338: [0, 0]]) }
        let signed = image { $0.tags = [339: [2, 2, 2]] }
        for (images, words) in [
            ([five], "the pixels are 5 channels of 8 bits, 8-bit RGB "),
            ([signed], "the pixels are 3 channels of 8 bits, signed, "),
            ([image(), image(), image()], "it has 3 images of one size, such as focal planes, of which any"),
        ] {
            let found = try refusal(images)
            #expect(found?.hasPrefix(words) == true && found?.contains("; export the ") == true, "\(found ?? "")")
        }
    }

    /// Without loss, 32 × 32 pixels in two colours.
    private nonisolated(unsafe) static let lercTiles: MadeTIFF = {
        var made = MadeTIFF.Image(64, 32) { _, _ in [0, 0, 0] }
        made.tags = [50_674: [4, 0]]
        (made.compression, made.encode) = (34_887, { _ in Data(base64Encoded: lerc) ?? Data() })
        return MadeTIFF([made])
    }()

    private static let lacksLERC =
        (try? refusalOfTIFF(lercTiles))?.message.contains("the installed libtiff does not decode") == true

    @Test(.disabled(if: lacksLERC, "libtiff is built without LERC")) func lercIsRead() throws {
        let wanted = tiffPixels(64, 32) { x, y in x % 32 < 16 && y < 16 ? [90, 60, 160] : [200, 120, 60] }
        #expect(try firstDifference(whole(Self.lercTiles), wanted) == nil)
    }

    @Test(arguments: [0, -1, Double.nan, -Double.infinity]) func aResolutionThatIsNoLengthIsNone(value: Double) {
        #expect(TIFFResolution(x: value, y: 20_000, unit: "centimeter") == nil)
        #expect(TIFFResolution(x: 20_000, y: value, unit: "centimeter") == nil)
    }
}

private let lerc =
    "TGVyYzIgBAAAABS7PG4gAAAAIAAAAAMAAAAABAAAEAAAAGYAAAABAAAAAAAAAAAA4D8AAAAAAABOQAAAAAAAAGlAAAAAAFo8PMh4oAAAA1oDPAOgC8gLeAs8A8gDeAM8"
    + "C8gLeAs8"
