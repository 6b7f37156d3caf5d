import Foundation
import Imaging
import Records
import Sample
import TestSupport
import Testing

@testable import Slides

/// Pixels of TIFFs in every form that is read here.
struct TIFFSlideTests {
    private func image(_ change: (inout MadeTIFF.Image) -> Void = { _ in }) -> MadeTIFF.Image {
        var image = MadeTIFF.Image(100, 75, pixel: tiffWeave)
        change(&image)
        return image
    }

    @Test(arguments: [true, false], [true, false])
    func everyByteOrderAndWidthIsReadInEveryLayout(isLittle: Bool, isBig: Bool) throws {
        for (tile, isPlanar, bits) in [
            (32, false, 8), (nil, false, 8), (32, true, 8), (nil, true, 8), (32, false, 16), (nil, true, 16),
        ] {
            var made = MadeTIFF([
                image {
                    ($0.tile, $0.isPlanar, $0.bits) = (tile, isPlanar, bits)
                    if bits == 16 { $0.pixel = { tiffWeave($0, $1).map { $0 * 257 } } }
                }
            ])
            (made.isLittle, made.isBig) = (isLittle, isBig)
            try made.use { path in
                let reader = try openedTIFF(path)
                #expect(try pixelsOfTIFF(reader) == tiffPixels(100, 75), "\(tile ?? 0) \(isPlanar) \(bits)")
                #expect(try reader.account().notes.count == (bits == 16 ? 1 : 0))
            }
        }
    }

    @Test(
        arguments: [
            (32_773, StoredStream.packBits), (8, StoredStream.deflate), (32_946, StoredStream.deflate),
            (50_000, StoredStream.zstandard),
        ] as [(Int, @Sendable (Data) -> Data)]
    )
    func compressionsWithoutLossAreDecoded(compression: Int, encode: @escaping @Sendable (Data) -> Data) throws {
        for tile in [32, nil] {
            let made = image { ($0.tile, $0.compression, $0.encode) = (tile, compression, encode) }
            let found = try MadeTIFF([made]).use { try pixelsOfTIFF(openedTIFF($0)) }
            #expect(firstDifference(found, tiffPixels(100, 75)) == nil)
        }
    }

    @Test(arguments: [PyramidOptions.Colour.yCbCr420, .yCbCr444, .rgb])
    func jpegTilesAreOpenSlides(colour: PyramidOptions.Colour) throws {
        struct Source: PixelSource {
            let size = PixelSize(width: 520, height: 392)
            func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
                for (at, y) in rows.enumerated() {
                    for x in 0..<size.width {
                        for (channel, value) in tiffWeave(x / 8, y / 8).enumerated() {
                            pixels[(at * size.width + x) * 3 + channel] = UInt8(value)
                        }
                    }
                }
            }
        }
        let scratch = try Scratch()
        let file = scratch.file("made.tif")
        try PyramidWriter.write(
            Source(),
            to: file,
            options: PyramidOptions(levels: 2, colour: colour, description: .none)
        )
        let (ours, theirs) = (try openedTIFF(file.path), try #require(try OpenSlideReader(path: file.path)))
        for level in 0..<2 { #expect(try pixelsOfTIFF(ours, level: level) == pixelsOfTIFF(theirs, level: level)) }
        #expect(try ours.account().levels.map(\.downsample) == [1, 4])
    }

    @Test(arguments: 1...8) func aTurnedImageIsReadAsItIsToBeSeen(orientation: UInt16) throws {
        let (width, height) = (100, 75)
        let isOnItsSide = orientation > 4
        func seen(_ column: Int, _ row: Int) -> (Int, Int) {
            switch orientation {
            case 2: (width - 1 - column, row)
            case 3: (width - 1 - column, height - 1 - row)
            case 4: (column, height - 1 - row)
            case 5: (row, column)
            case 6: (width - 1 - row, column)
            case 7: (width - 1 - row, height - 1 - column)
            case 8: (row, height - 1 - column)
            default: (column, row)
            }
        }
        for tile in [32, nil] {
            var stored = MadeTIFF.Image(isOnItsSide ? height : width, isOnItsSide ? width : height) {
                let (x, y) = seen($0, $1)
                return tiffWeave(x, y)
            }
            (stored.tile, stored.tags) = (tile, [274: [Int(orientation)]])
            try MadeTIFF([stored]).use { path in
                let found = try pixelsOfTIFF(openedTIFF(path))
                #expect(firstDifference(found, tiffPixels(width, height)) == nil)
                // OpenSlide turns nothing, or each tile by itself.
                let slide = try Slide(path: path)
                #expect(slide.size == PixelSize(width: width, height: height))
            }
        }
    }

    @Test func levelsAreTheSmallerImagesOfTheSameShape() throws {
        func level(_ width: Int, _ height: Int, _ value: Int) -> MadeTIFF.Image {
            MadeTIFF.Image(width, height) { _, _ in [value, value, value] }
        }
        var whole = image()
        whole.children = [level(25, 18, 4), level(50, 37, 2)]
        var mask = level(20, 15, 9)
        mask.tags[254] = [4]
        // A label, a second picture of one size, a mask.
        let made = MadeTIFF([whole, level(60, 60, 7), level(50, 37, 8), mask])
        try made.use { path in
            let slide = try Slide(path: path)
            #expect(slide.levels.map(\.size.width) == [100, 50, 25] && slide.levels.map(\.downsample) == [1, 2, 4])
            #expect(try slide.read(level: 1, x: 0, y: 0, width: 1, height: 1).pixels == [2, 2, 2])
            #expect(try slide.read(level: 2, x: 0, y: 0, width: 1, height: 1).pixels == [4, 4, 4])
            #expect(slide.vendor == "generic-tiff")
        }
        let alike = try refusalOfTIFF(MadeTIFF([image(), image()]))
        #expect(alike?.message.hasPrefix("it has 2 images of one size, such as focal planes, of which any") == true)
    }

    @Test func whatTheFileLeavesOutIsBackground() throws {
        let made = MadeTIFF([image { $0.missing = [1] }])
        try made.use { path in
            let slide = try Slide(path: path)
            let (part, alpha) = try slide.readWithAlpha(level: 0, x: 30, y: 3, width: 4, height: 1)
            #expect(part.pixels == tiffPixels(100, 4)[(330 * 3 - 0)..<(332 * 3)] + Array(repeating: 255, count: 6))
            #expect(alpha == [255, 255, 0, 0])
        }
        // Strips are decoded as a whole.
        try MadeTIFF([image { ($0.tile, $0.missing) = (nil, [1]) }]).use { path in
            let read = try pixelsOfTIFF(openedTIFF(path))
            #expect(Array(read[..<(7 * 300)]) == tiffPixels(100, 7))
            #expect(read[(7 * 300)..<(14 * 300)].allSatisfy { $0 == 255 })
            #expect(Array(read[(14 * 300)...]) == Array(tiffPixels(100, 75)[(14 * 300)...]))
        }
    }

    @Test func damageIsToldWhereItIsAlone() throws {
        for tile in [32, nil] {
            let made = image { ($0.tile, $0.rowsPerStrip, $0.damaged, $0.tags) = (tile, 32, [0], [274: [4]]) }
            // Turned, so that OpenSlide does not read it.
            try MadeTIFF([made]).use { path in
                let slide = try Slide(path: path)
                #expect(throws: SlideError.self) { try slide.read(level: 0, x: 0, y: 70, width: 5, height: 5) }
                #expect(
                    (try? slide.read(level: 0, x: 0, y: 0, width: 100, height: 5)) != nil
                        || tile == nil,
                    "strips share a tile"
                )
            }
        }
    }

    @Test func sixteenBitsAreScaledByTheirStatedRange() throws {
        let range: [([Int: [Int]], Int)] = [
            ([:], 1), ([280: [100, 100, 100], 281: [1120, 1120, 1120]], 0),
            ([340: [100, 100, 100], 341: [1120, 1120, 1120]], 0), ([281: [7, 7, 7], 280: [7, 7, 7]], 1),
        ]
        for (tags, notes) in range {
            let made = image {
                ($0.bits, $0.tags) = (16, tags)
                $0.pixel = { tiffWeave($0, $1).map { 100 + 4 * $0 } }
            }
            try MadeTIFF([made]).use { path in
                let slide = try Slide(path: path)
                #expect(slide.notes.count == notes)
                let whole = try slide.read(level: 0, x: 0, y: 0, width: 100, height: 75).pixels
                let dark = tiffPixels(100, 75) { tiffWeave($0, $1).map { Int((Double(100 + 4 * $0) / 257).rounded()) } }
                #expect(whole == (notes == 0 ? tiffPixels(100, 75) : dark))
            }
        }
    }

    @Test func alphaIsLaidOnWhiteAndOtherSamplesAreLeftOut() throws {
        func found(_ kind: Int) throws -> [UInt8] {
            let made = image {
                ($0.samples, $0.tags) = (4, [338: [kind]])
                $0.pixel = { _, _ in [100, 50, 0, 128] }
            }
            return try MadeTIFF([made]).use { Array(try pixelsOfTIFF(openedTIFF($0)).prefix(3)) }
        }
        #expect(try found(1) == [227, 177, 127] && found(2) == [177, 152, 127] && found(0) == [100, 50, 0])
    }

    @Test func aProfileIsHandedOutAndNothingThatNamesAPersonIs() throws {
        let made = image {
            $0.attached = [34_675: [1, 2, 3, 4, 5]]
            $0.description = "Jane Doe, 1.1.1970"
            $0.tile = nil
        }
        try MadeTIFF([made]).use { path in
            let slide = try Slide(path: path)
            #expect(slide.facts.hasICCProfile && slide.vendor == "generic-tiff")
            #expect(try slide.reader?.iccProfile() == [1, 2, 3, 4, 5])
            #expect(!String(decoding: try JSONEncoder().encode(slide.facts), as: UTF8.self).contains("Doe"))
        }
    }

    @Test(arguments: [(true, 33_003), (false, 33_005), (true, 34_712)])
    func jpeg2000IsReadByWhatItsStreamSays(isTransformed: Bool, compression: Int) throws {
        let stream = try #require(Data(base64Encoded: isTransformed ? transformed : plain))
        var made = MadeTIFF.Image(64, 32) { _, _ in [0, 0, 0] }
        (made.compression, made.encode) = (compression, { _ in stream })
        try MadeTIFF([made]).use { path in
            let read = try pixelsOfTIFF(openedTIFF(path))
            let tile = tiffPixels(32, 32) { $0 < 16 && $1 < 16 ? [90, 60, 160] : [200, 120, 60] }
            let rows: [UInt8] = (0..<32).flatMap { row in
                let line = Array(tile[(row * 96)..<(row * 96 + 96)])
                return line + line
            }
            #expect(read == rows)
        }
        // Without the codec's transform Aperio's number means YCbCr.
        made.compression = 33_003
        let untransformed = try #require(Data(base64Encoded: plain))
        made.encode = { _ in untransformed }
        let converted = try MadeTIFF([made]).use { try pixelsOfTIFF(openedTIFF($0)) }
        #expect(converted.prefix(3) == [135, 91, 0])
    }
}

/// 32 × 32 pixels in two colours without loss, with and without the codec's colour transform.
private let transformed =
    "/0//UQAvAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEBAAQEAAH/XAAEQED/ZAAl"
    + "AAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAEiAAH/k8fUbhFQVJLrvrDNewqniGfM/3//a8qPbQAA"
    + "AABhIS/rq81/ql34anj/AAABhIS/otaAAAAAMJCX/3/PtTQUAFyS676wzXsKp4hnnKMYJI11+hxc4KxXopMAAAAAYSEWYQMJCQgN"
    + "AMJCPcMGEhIQGgGEhHuGDCQkIDQDCQl/89QAAAAAAAGEhL//f8+2h2TBDysjAFlURALeCQAAGBjQ32ibBJJAH4ABFIAAAAABhIRR"
    + "A4AAAAABhIS//3D14AAAAAAwkIogcYSEhAaAYSEe4YMJCQgNAMJCPcMGEhIQGgGEhHuGDCQl/xiKAAAAADCQizCBhISEBoBhIR7h"
    + "gwkJCA0AwkI9wwYSEhAaAYSEe4YMJCX/f//Z"
private let plain =
    "/0//UQAvAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEAAAQEAAH/XAAEQED/ZAAl"
    + "AAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAESAAH/k8+2i2TBDysjAFl3pfVjSZdv+9xQAAAAABhI"
    + "RRA4wkJCA0AwkI9wwYSEhAaAYSEe4YMJCQgNAMJCX/Uc8AAAAAYSEWYQMJCQgNAMJCPcMGEhIQGgGEhHuGDCQkIDQDCQl/zCPAAA"
    + "AAGEhFmEDCQkIDQDCQj3DBhISEBoBhIR7hgwkJCA0AwkI9wwYSEv/3/PtLQRUFSS676wzXsKp4hnzP9//2utPPAvbenuZkXAAAAA"
    + "AMJCX+czAAAAYSEv/3/PtQxkFQ0rIwBZd6X1Y0mXb/4UogAAAAAAAMJCJEGGEhIQGgGEhHuGDCQkIDQDCQj3DBhISEBoBhIS/0wj"
    + "wAAAABhIS/9//9k="
