import Foundation
import Imaging
import Records
import Testing

@testable import Slides

struct ImageTests {
    private static func noise(width: Int, height: Int) -> RGBImage {
        var random = CounterRandom(seed: 4, "noise")
        return RGBImage(
            width: width,
            height: height,
            pixels: (0..<(width * height * 3)).map { _ in UInt8(random.index(below: 256)) }
        )
    }

    @Test func shrinkingByWholeFactorsGivesBlockMeans() {
        let image = RGBImage(
            width: 4,
            height: 2,
            pixels: [
                0, 0, 0, 10, 0, 0, 1, 1, 1, 2, 2, 2,
                20, 0, 0, 30, 0, 255, 1, 1, 1, 2, 2, 2,
            ]
        )
        #expect(image.resized(width: 2, height: 1).pixels == [15, 0, 64, 2, 2, 2])
    }

    @Test func fractionsOfPixelsCountByArea() {
        // Three pixels on two: each new one is a whole old one and half of the middle.
        let image = RGBImage(width: 3, height: 1, pixels: [0, 0, 0, 90, 90, 90, 240, 240, 240])
        #expect(image.resized(width: 2, height: 1).pixels == [30, 30, 30, 190, 190, 190])
        #expect(image.resized(width: 6, height: 1).pixels.map(Int.init).reduce(0, +) == 2 * 990)
    }

    @Test func resizingAgreesWithAnIndependentSum() {
        let image = Self.noise(width: 23, height: 17)
        for (width, height) in [(7, 5), (22, 16), (30, 11), (1, 1)] {
            let resized = image.resized(width: width, height: height)
            for y in 0..<height {
                for x in 0..<width {
                    var (sum, area) = (0.0, 0.0)
                    for sy in 0..<17 {
                        for sx in 0..<23 {
                            let across = overlap(x, width, sx, 23)
                            let down = overlap(y, height, sy, 17)
                            sum += across * down * Double(image[sx, sy].green)
                            area += across * down
                        }
                    }
                    #expect(abs(Double(resized[x, y].green) - sum / area) <= 0.5 + 1e-6)
                }
            }
        }
    }

    @Test func wholeFactorsRoundAsAllOthers() {
        // 6 × 4 blocks of a noise; of 5 × 3, an odd area, no mean is a half.
        for (across, down) in [(2, 2), (6, 4), (5, 3), (1, 4)] {
            let image = Self.noise(width: 7 * across, height: 5 * down)
            let resized = image.resized(width: 7, height: 5)
            for y in 0..<5 {
                for x in 0..<7 {
                    let block = (0..<(across * down)).map { at in
                        Int(image[x * across + at % across, y * down + at / across].blue)
                    }
                    let mean = Double(block.reduce(0, +)) / Double(block.count)
                    #expect(Double(resized[x, y].blue) == mean.rounded())
                }
            }
        }
    }

    private func overlap(_ index: Int, _ count: Int, _ source: Int, _ sources: Int) -> Double {
        let (low, high) = (Double(index) / Double(count), Double(index + 1) / Double(count))
        return max(0, min(high, Double(source + 1) / Double(sources)) - max(low, Double(source) / Double(sources)))
    }

    @Test func aJPEGIsReadBackNearlyTheSameAndAlwaysWithTheSameBytes() throws {
        var image = RGBImage(width: 128, height: 128)
        for y in 0..<128 {
            for x in 0..<128 { image[x, y] = RGB(UInt8(x * 2), UInt8(y), 120) }
        }
        let data = try JPEGFile.encode(image, quality: 95)
        #expect(try JPEGFile.encode(image, quality: 95) == data)
        #expect(data.prefix(3) == Data([0xFF, 0xD8, 0xFF]))
        #expect(try JPEGFile.encode(image, quality: 30).count < data.count)
        var tiff = TestTIFF(width: 128, height: 128)
        tiff.jpeg = data
        let read = try tiff.use { try Slide(path: $0).read(level: 0, x: 0, y: 0, width: 128, height: 128) }
        let errors = zip(read.pixels, image.pixels).map { pair -> Int in abs(Int(pair.0) - Int(pair.1)) }
        #expect(errors.allSatisfy { $0 <= 8 })
    }

    @Test func aJPEGThatCannotBeIsAnError() {
        #expect(throws: SlideError.encoding("Maximum supported image dimension is 65500 pixels")) {
            try JPEGFile.encode(RGBImage(width: 65_501, height: 1))
        }
    }

    @Test func drawingIsClippedToTheImage() {
        var image = RGBImage(width: 8, height: 8)
        let black = RGB(0, 0, 0)
        image.stroke(PixelRect(x: -3, y: 2, width: 6, height: 100), black)
        #expect(image[0, 2] == black && image[2, 2] == black && image[2, 7] == black)
        #expect(image[3, 2] == .white && image[1, 3] == .white)
        image.stroke(ring: [PixelPoint(x: -5, y: -5), PixelPoint(x: 20, y: 20)], RGB(9, 9, 9), thickness: 1)
        #expect(image[5, 5] == RGB(9, 9, 9))
        image.fill(PixelRect(x: 7, y: 0, width: 5, height: 1), black, opacity: 51)
        #expect(image[7, 0] == RGB(204, 204, 204))
    }

    @Test func colourNamesOfOpenSlideAreRead() {
        #expect(RGB(hex: "FF8000") == RGB(255, 128, 0))
        #expect(RGB(hex: "FF80") == nil)
        #expect(RGB(hex: "GGGGGG") == nil)
    }
}
