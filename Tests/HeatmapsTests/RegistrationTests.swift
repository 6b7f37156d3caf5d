import Foundation
import Records
import Slides
import Storage
import Testing

@testable import Files
@testable import Imaging
@testable import Heatmaps

/// Slides with dark squares at known places, patches on exactly these squares, and every output put beside them.
@Suite struct RegistrationTests {
    typealias Case = SquaresSlide

    static let cases = [
        Case(size: .init(width: 4099, height: 3001), levels: 3, factor: 4, picture: 1000, side: 128, step: 128),
        Case(
            size: .init(width: 2050, height: 1777),
            levels: 1,
            factor: 2,
            picture: 2000,
            side: 97,
            step: 97,
            mpp: 1.01
        ),
        Case(
            size: .init(width: 2001, height: 3803),
            levels: 3,
            factor: 2,
            picture: 633,
            side: 256,
            step: 128,
            mpp: 0.25
        ),
        Case(
            size: .init(width: 3007, height: 2999),
            levels: 2,
            factor: 3,
            picture: 900,
            side: 181,
            step: 60,
            mpp: 0.125
        ),
        Case(
            size: .init(width: 4099, height: 3803),
            levels: 3,
            factor: 4,
            picture: 800,
            side: 128,
            bounds: PixelRect(x: 1033, y: 517, width: 2112, height: 2000),
            step: 64,
            mpp: 0.25
        ),
    ]

    private func heatmap(_ wanted: Case) -> Heatmap {
        var map = Heatmap(
            corners: wanted.corners,
            side: wanted.side,
            values: Array(repeating: 1, count: wanted.corners.count),
            scale: .absolute(0...1),
            colours: lagoon
        )
        map.opacity = 1
        return map
    }

    /// Asserts that the centre of mass in and around each place lies within half a pixel of the place's centre.
    private func expectInPlace(
        _ places: [PixelRect],
        _ grid: PictureGrid,
        width: Int,
        height: Int,
        _ what: String,
        mass: (Int, Int) -> Double
    ) {
        for place in places {
            let left = (Double(place.x) - grid.x) / grid.downsampleX
            let right = (Double(place.x + place.width) - grid.x) / grid.downsampleX
            let top = (Double(place.y) - grid.y) / grid.downsampleY
            let bottom = (Double(place.y + place.height) - grid.y) / grid.downsampleY
            var (sum, atX, atY) = (0.0, 0.0, 0.0)
            for y in max(0, Int(top) - 3)..<min(height, Int(bottom) + 4) {
                for x in max(0, Int(left) - 3)..<min(width, Int(right) + 4) {
                    let weight = mass(x, y)
                    sum += weight
                    atX += weight * (Double(x) + 0.5)
                    atY += weight * (Double(y) + 0.5)
                }
            }
            #expect(abs(atX / sum - (left + right) / 2) < 0.5, "\(what): x \(atX / sum) for \((left + right) / 2)")
            #expect(abs(atY / sum - (top + bottom) / 2) < 0.5, "\(what): y \(atY / sum) for \((top + bottom) / 2)")
            let area = (right - left) * (bottom - top)
            #expect(abs(sum / area - 1) < 0.1, "\(what): \(sum) of \(area) pixels")
        }
    }

    @Test(arguments: cases) func theHeatmapLiesOnWhatTheSlideShows(wanted: Case) throws {
        try wanted.withSlide { slide, _ in
            let picture = try slide.picture(longestSide: wanted.picture)
            let whole = Backdrop(
                image: picture.image,
                grid: PictureGrid(x: 0, y: 0, downsampleX: picture.downsampleX, downsampleY: picture.downsampleY)
            )
            let backdrop = whole.cropped(to: wanted.part)
            let (width, height) = (backdrop.image.width, backdrop.image.height)
            expectInPlace(wanted.places, backdrop.grid, width: width, height: height, "slide") { x, y in
                1 - Double(backdrop.image[x, y].green) / 255
            }
            // On black, what is drawn shows by itself.
            var black = backdrop
            black.image = RGBImage(width: width, height: height, fill: RGB(0, 0, 0))
            let drawn = try heatmap(wanted).drawn(over: black)
            let full = Double(lagoon.colours[255].green)
            expectInPlace(wanted.places, backdrop.grid, width: width, height: height, "map") { x, y in
                Double(drawn[x, y].green) / full
            }
        }
    }

    /// A part that cuts through none of the squares, at a scale that is no level's and at full resolution.
    @Test(arguments: cases, [3.3, 1]) func aPictureOfAPartOfTheSlideLiesThere(wanted: Case, downsample: Double) throws {
        try wanted.withSlide { slide, _ in
            let row = wanted.places[4]
            let corners = [(-7, -9), (row.width + 11, -9), (row.width + 11, row.height + 5), (-7, row.height + 5)]
            let ring = corners.map { PlanePoint(x: Double(row.x + $0), y: Double(row.y + $1)) }
            let frame = try #require(PlanePolygon(outer: ring).frame(margin: 20, in: slide.size))
            #expect(frame.x == row.x - 27 && frame.width == row.width + 18 + 40)
            var backdrop = try slide.backdrop(of: frame, downsample: downsample)
            let (width, height) = (backdrop.image.width, backdrop.image.height)
            #expect(abs(backdrop.grid.downsampleX - downsample) < 0.05 * downsample)
            expectInPlace([row], backdrop.grid, width: width, height: height, "slide") { x, y in
                1 - Double(backdrop.image[x, y].green) / 255
            }
            backdrop.image = RGBImage(width: width, height: height, fill: RGB(0, 0, 0))
            let drawn = try heatmap(wanted).drawn(over: backdrop)
            let full = Double(lagoon.colours[255].green)
            expectInPlace([row], backdrop.grid, width: width, height: height, "map") { x, y in
                Double(drawn[x, y].green) / full
            }
        }
    }

    @Test(arguments: cases) func everyLevelOfTheOverlayLiesOnTheSlide(wanted: Case) throws {
        try withFolder { folder in
            let url = folder.appending(path: "S1.overlay.tif")
            let bounds = wanted.part
            let overlay = OverlayPyramid(heatmap(wanted), bounds: bounds, downsample: 5)
            try overlay.writeTIFF(to: url, mpp: wanted.mpp)
            let opened = try Slide(path: url.path)
            #expect(opened.size == overlay.size())
            let scale = try opened.scale(given: nil, acceptInches: false)
            #expect(abs(scale.mpp - wanted.mpp * 5) < 1e-6)
            for (index, level) in opened.levels.enumerated() {
                let step = Double(5 << index)
                #expect(level.size == overlay.size(reduction: 1 << index))
                let (_, alpha) = try opened.readWithAlpha(
                    level: index,
                    x: 0,
                    y: 0,
                    width: level.size.width,
                    height: level.size.height
                )
                let grid = PictureGrid(x: Double(bounds.x), y: Double(bounds.y), downsampleX: step, downsampleY: step)
                let (width, height) = (level.size.width, level.size.height)
                expectInPlace(wanted.places, grid, width: width, height: height, "level \(index)") { x, y in
                    Double(alpha[y * width + x]) / 255
                }
            }
        }
    }

    @Test(arguments: cases) func everyDeepZoomTileLiesOnTheSlide(wanted: Case) throws {
        try withFolder { folder in
            let bounds = wanted.part
            let overlay = OverlayPyramid(heatmap(wanted), bounds: bounds, downsample: 3)
            let files = try overlay.writeDeepZoom(to: folder.appending(path: "S1.dzi"))
            let full = overlay.size()
            #expect(files.last?.lastPathComponent == "S1.dzi")
            let text = try String(contentsOf: folder.appending(path: "S1.dzi"), encoding: .utf8)
            #expect(text.contains(#"TileSize="256"><Size Width="\#(full.width)" Height="\#(full.height)"/>"#))
            let last = Int(log2(Double(max(full.width, full.height))).rounded(.up))
            for level in [last, last - 1] {
                let step = Double(3 << (last - level))
                let size = overlay.size(reduction: 1 << (last - level))
                var alpha = [Double](repeating: -1, count: size.width * size.height)
                for row in 0...(size.height - 1) / 256 {
                    for column in 0...(size.width - 1) / 256 {
                        let path = folder.appending(path: "S1_files/\(level)/\(column)_\(row).png")
                        let tile = try decoded(png: try Data(contentsOf: path))
                        for y in 0..<tile.height {
                            for x in 0..<tile.width {
                                alpha[(row * 256 + y) * size.width + column * 256 + x] =
                                    Double(tile.rgba[(y * tile.width + x) * 4 + 3]) / 255
                            }
                        }
                    }
                }
                #expect(alpha.allSatisfy { $0 >= 0 })
                let grid = PictureGrid(x: Double(bounds.x), y: Double(bounds.y), downsampleX: step, downsampleY: step)
                expectInPlace(wanted.places, grid, width: size.width, height: size.height, "level \(level)") { x, y in
                    alpha[y * size.width + x]
                }
            }
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "S1_files/0/0_0.png").path))
        }
    }

    @Test(arguments: cases) func geoJSONCountsFromTheBounds(wanted: Case) throws {
        try withFolder { folder in
            let values = [Float](repeating: 1 / Float(wanted.corners.count), count: wanted.corners.count)
            let maps = try slideMaps(branches: [values], corners: wanted.corners, side: wanted.side)
            let bounds = wanted.part
            let url = folder.appending(path: "S1.geojson")
            try MapGeoJSON.collection(maps, bounds: bounds, mpp: wanted.mpp, limit: 0.5).write(to: url)
            let read = try GeoJSON(contentsOf: url)
            #expect(read.origin == .bounds)
            func type(_ feature: GeoJSON.Feature) -> String? { feature.properties["objectType"]?.string }
            let tiles = read.features.filter { type($0) == "tile" }
            let offset = bounds
            #expect(
                tiles.map { $0.polygons[0].outer[0] }
                    == wanted.corners.map { PlanePoint(x: Double($0.x - offset.x), y: Double($0.y - offset.y)) }
            )
            let regions = read.features.filter { type($0) == "annotation" }.flatMap(\.polygons)
            for place in wanted.places {
                let (x, y) = (Double(place.x - offset.x), Double(place.y - offset.y))
                let (right, bottom) = (x + Double(place.width), y + Double(place.height))
                let ring = [(x, y), (right, y), (right, bottom), (x, bottom)].map { PlanePoint(x: $0, y: $1) }
                #expect(regions.contains { Set($0.outer) == Set(ring) && $0.holes.isEmpty })
            }
        }
    }
}
