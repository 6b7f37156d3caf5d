import Foundation
import Records
import Sample
import Storage
import Testing

@testable import Imaging
@testable import Slides

/// Tiles for viewing show each place of the slide where it is, at every zoom.
@Suite struct ViewTilesTests {
    struct Case: CustomStringConvertible, Sendable {
        var size: PixelSize
        var levels: Int
        var factor: Int
        var deepest: Int

        var description: String { "\(size.width) × \(size.height), \(levels) levels by \(factor)" }
    }

    static let cases = [
        Case(size: .init(width: 2048, height: 1536), levels: 3, factor: 2, deepest: 3),
        Case(size: .init(width: 3011, height: 2203), levels: 3, factor: 4, deepest: 4),
        Case(size: .init(width: 2999, height: 3007), levels: 2, factor: 3, deepest: 4),
        // Without a pyramid, the small zooms are made of larger ones.
        Case(size: .init(width: 4500, height: 2100), levels: 1, factor: 2, deepest: 5),
    ]

    private static let square = PixelRect(x: 1203, y: 801, width: 300, height: 300)

    private func withTiles(_ wanted: Case, _ body: (ViewTiles) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "wsi-view-\(UUID().uuidString).tif")
        defer { try? FileManager.default.removeItem(at: url) }
        var pixels = [UInt8](repeating: 0, count: wanted.size.width * wanted.size.height * 3)
        for y in Self.square.y..<Self.square.y + Self.square.height {
            let start = (y * wanted.size.width + Self.square.x) * 3
            for byte in start..<start + Self.square.width * 3 { pixels[byte] = 255 }
        }
        let options = PyramidOptions(
            levels: wanted.levels,
            factor: wanted.factor,
            quality: 95,
            colour: .rgb,
            description: .none,
            resolution: .perCentimetre(20_000)
        )
        try PyramidWriter.write(PixelArray(size: wanted.size, bytes: pixels), to: url, options: options)
        try body(ViewTiles(of: try Slide(path: url.path)))
    }

    @Test(arguments: cases) func aSquareLiesWhereItIsAtEveryZoom(wanted: Case) throws {
        try withTiles(wanted) { tiles in
            #expect(tiles.pyramid.deepest == wanted.deepest)
            for zoom in 0...wanted.deepest {
                let scale = 1 / Double(1 << (wanted.deepest - zoom))
                var (sum, atX, atY, tilesSeen) = (0.0, 0.0, 0.0, 0)
                for row in 0..<64 {
                    for column in 0..<64 {
                        let address = TileAddress(zoom: zoom, column: column, row: row)
                        guard tiles.pyramid.contains(address) else { continue }
                        tilesSeen += 1
                        let tile = try tiles.tile(address)
                        #expect(tile.width == 256 && tile.height == 256)
                        for y in 0..<256 {
                            for x in 0..<256 {
                                let place = (x: column * 256 + x, y: row * 256 + y)
                                // What lies beyond the slide is white.
                                guard Double(place.x + 1) <= Double(wanted.size.width) * scale,
                                    Double(place.y + 1) <= Double(wanted.size.height) * scale
                                else { continue }
                                let weight = Double(tile[x, y].green) / 255
                                sum += weight
                                atX += weight * (Double(place.x) + 0.5)
                                atY += weight * (Double(place.y) + 0.5)
                            }
                        }
                    }
                }
                let across = (Double(wanted.size.width) * scale / 256).rounded(.up)
                let down = (Double(wanted.size.height) * scale / 256).rounded(.up)
                #expect(tilesSeen == Int(across * down))
                let side = Double(Self.square.width) * scale
                #expect(abs(atX / sum - Double(Self.square.x) * scale - side / 2) < 0.5, "x at zoom \(zoom)")
                #expect(abs(atY / sum - Double(Self.square.y) * scale - side / 2) < 0.5, "y at zoom \(zoom)")
                #expect(abs(sum / (side * side) - 1) < 0.1, "area at zoom \(zoom): \(sum) for \(side * side)")
            }
        }
    }

    @Test func theDeepestZoomIsLevel0ItselfAndWhiteBeyond() throws {
        try withTiles(Self.cases[1]) { tiles in
            let tile = try tiles.tile(TileAddress(zoom: 4, column: 4, row: 3))
            #expect(tile[1203 - 1024, 801 - 768] == RGB(255, 255, 255))
            #expect(tile[1200 - 1024, 801 - 768].green < 60)
            let last = try tiles.tile(TileAddress(zoom: 4, column: 11, row: 8))
            #expect(last[3010 - 2816, 2202 - 2048].green < 30)
            #expect(last[3011 - 2816, 2202 - 2048] == .white)
            #expect(last[3010 - 2816, 2203 - 2048] == .white)
        }
    }

    @Test func aTileBeyondThePyramidIsRefused() throws {
        try withTiles(Self.cases[0]) { tiles in
            for address in [
                TileAddress(zoom: 4, column: 0, row: 0), TileAddress(zoom: -1, column: 0, row: 0),
                TileAddress(zoom: 3, column: 8, row: 0), TileAddress(zoom: 3, column: 0, row: 6),
                TileAddress(zoom: 0, column: .max, row: 0),
            ] {
                #expect(throws: SlideError.self) { try tiles.tile(address) }
            }
        }
    }
}
