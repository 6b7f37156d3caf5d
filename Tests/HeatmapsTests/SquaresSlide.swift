import Foundation
import Records
import Sample
import Slides
import Storage
import TestSupport
import Testing

@testable import Imaging
@testable import Heatmaps

/// A slide with dark squares at known places, and patches on exactly these squares.
struct SquaresSlide: CustomStringConvertible, Sendable {
    var size: PixelSize
    /// Levels and their factor.
    var levels: Int
    var factor: Int
    /// Longest side of the picture.
    var picture: Int
    var side: Int
    var bounds: PixelRect?
    /// Level-0 pixels between the corners of neighbours in a row of four; less than `side` where they overlap.
    var step: Int
    /// µm per level-0 pixel.
    var mpp = 0.5

    var description: String {
        "\(size.width) × \(size.height), \(levels) levels by \(factor), picture \(picture), patches \(side)/\(step), \(mpp) µm"
    }

    /// One square alone in every corner of the scanned part, and a row of four in its middle.
    var squares: [PixelRect] {
        let (left, top) = (part.x + 3, part.y + 5)
        let (right, bottom) = (part.x + part.width - side - 2, part.y + part.height - side - 1)
        return [(left, top), (right, top), (left, bottom), (right, bottom)].map { square($0, $1) }
    }

    var row: [PixelPoint] {
        (0..<4).map { PixelPoint(x: part.x + part.width / 3 + $0 * step, y: part.y + part.height / 2 + 7) }
    }

    private func square(_ x: Int, _ y: Int) -> PixelRect { PixelRect(x: x, y: y, width: side, height: side) }

    var corners: [PixelPoint] { squares.map { PixelPoint(x: $0.x, y: $0.y) } + row }

    /// What the patches cover, in level-0 pixels: four squares, and the row as one rectangle.
    var places: [PixelRect] {
        squares + [PixelRect(x: row[0].x, y: row[0].y, width: 3 * step + side, height: side)]
    }

    /// What was scanned.
    var part: PixelRect { bounds ?? PixelRect(x: 0, y: 0, width: size.width, height: size.height) }

    /// Dark squares on white, stored almost without loss; where there are bounds, as Leica scanners store a slide of which
    /// only a part was scanned.
    func withSlide<Result>(_ body: (Slide, URL) throws -> Result) throws -> Result {
        let scratch = try Scratch()
        let url = scratch.file(bounds == nil ? "squares.tif" : "squares.scn")
        let stored = part
        var pixels = [UInt8](repeating: 255, count: stored.width * stored.height * 3)
        for place in places {
            for y in place.y - stored.y..<place.y - stored.y + place.height {
                let start = (y * stored.width + place.x - stored.x) * 3
                for byte in start..<start + place.width * 3 { pixels[byte] = 0 }
            }
        }
        let options = PyramidOptions(
            levels: levels,
            factor: factor,
            quality: 95,
            colour: .rgb,
            description: bounds == nil ? .none : .text(leicaDescription),
            resolution: .perCentimetre(10_000 / mpp)
        )
        let scanned = PixelSize(width: stored.width, height: stored.height)
        try PyramidWriter.write(PixelArray(size: scanned, bytes: pixels), to: url, options: options)
        let slide = try Slide(path: url.path)
        #expect(slide.size == size && slide.bounds == stored)
        #expect(try abs(slide.scale(given: nil, acceptInches: false).mpp / mpp - 1) < 1e-3)
        return try withExtendedLifetime(scratch) { try body(slide, scratch.folder) }
    }

    /// The XML of an SCN file with one scanned part; its lengths are in nm.
    private var leicaDescription: String {
        let levels = (0..<levels).map { level in
            let divisor = (0..<level).reduce(1) { product, _ in product * factor }
            return """
                <dimension sizeX="\(part.width / divisor)" sizeY="\(part.height / divisor)" r="\(level)" ifd="\(level)"/>
                """
        }
        let nanometres = Int((mpp * 1000).rounded())
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">
            <collection name="c" uuid="u" sizeX="\(size.width * nanometres)" sizeY="\(size.height * nanometres)">
            <image name="i" uuid="v"><creationDate>2000-01-01T00:00:00Z</creationDate><device model="m" version="1"/>
            <pixels sizeX="\(part.width)" sizeY="\(part.height)">\(levels.joined())</pixels>
            <view sizeX="\(part.width * nanometres)" sizeY="\(part.height * nanometres)" offsetX="\(part.x * nanometres)"
            offsetY="\(part.y * nanometres)" spacingZ="0"/>
            <scanSettings><objectiveSettings><objective>20</objective></objectiveSettings><illuminationSettings>
            <numericalAperture>0.4</numericalAperture><illuminationSource>brightfield</illuminationSource>
            </illuminationSettings></scanSettings></image></collection></scn>
            """
    }
}
