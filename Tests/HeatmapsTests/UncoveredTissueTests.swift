import Foundation
import Records
import Storage
import Testing

@testable import Imaging
@testable import Heatmaps

@Suite struct UncoveredTissueTests {
    private func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> [PlanePoint] {
        [(x, y), (x + width, y), (x + width, y + height), (x, y + height)].map {
            PlanePoint(x: Double($0.0), y: Double($0.1))
        }
    }

    private func corners(_ places: (Int, Int)...) -> [PixelPoint] { places.map { PixelPoint(x: $0.0, y: $0.1) } }

    @Test func theShareIsThatOfTheAreaWithoutAPatch() throws {
        let tissue = [PlanePolygon(outer: box(100, 100, 200, 100), holes: [box(150, 120, 50, 50)])]
        // 17,500 of tissue; the patch covers a quarter of the box and half of the hole.
        let some = try #require(UncoveredTissue(tissue: tissue, corners: corners((75, 95)), side: 100))
        #expect(abs(some.share - (1 - (75 * 95 - 25 * 50) / 17_500.0)) < 1e-12)
        let all = try #require(UncoveredTissue(tissue: tissue, corners: corners((100, 100), (180, 90)), side: 120))
        #expect(all.share == 0 && all.bands.isEmpty && all.words == "0.0 % of the tissue was not examined")
        let none = try #require(UncoveredTissue(tissue: tissue, corners: [], side: 100))
        #expect(none.share == 1 && none.words == "100.0 % of the tissue was not examined")
        #expect(UncoveredTissue(tissue: [], corners: corners((0, 0)), side: 100) == nil)
    }

    @Test func aTraceIsNotCalledNothing() {
        #expect(UncoveredTissue.words(0.032) == "3.2 % of the tissue was not examined")
        #expect(UncoveredTissue.words(0.0004) == "Under 0.1 % of the tissue was not examined")
    }

    /// Random tissue with holes and random patches that overlap, pixel by pixel.
    @Test(arguments: 0..<12) func itIsWhatIsLeftPixelByPixel(seed: Int) throws {
        var random = CounterRandom(seed: UInt64(seed), "tissue")
        let (cells, cell) = (12, 5)
        var isTissue = [Bool](repeating: false, count: cells * cells)
        for index in isTissue.indices { isTissue[index] = random.index(below: 3) > 0 }
        // One polygon of each cell: they share edges, and together have holes.
        let tissue = isTissue.indices.filter { isTissue[$0] }.map { index in
            PlanePolygon(outer: box(index % cells * cell, index / cells * cell, cell, cell))
        }
        let side = 3 + random.index(below: 14)
        let corners = (0..<random.index(below: 30)).map { _ in
            PixelPoint(x: random.index(below: 70) - 8, y: random.index(below: 70) - 8)
        }
        let uncovered = try #require(UncoveredTissue(tissue: tissue, corners: corners, side: side))
        var wanted = Set<PixelPoint>()
        var whole = 0
        for y in 0..<cells * cell {
            for x in 0..<cells * cell where isTissue[y / cell * cells + x / cell] {
                whole += 1
                let isCovered = corners.contains {
                    ($0.x..<$0.x + side).contains(x) && ($0.y..<$0.y + side).contains(y)
                }
                if !isCovered { wanted.insert(PixelPoint(x: x, y: y)) }
            }
        }
        var got = Set<PixelPoint>()
        let grid = PictureGrid(x: 0, y: 0, downsampleX: 1, downsampleY: 1)
        uncovered.forEachPixel(width: 60, height: 60, grid: grid) { x, y in got.insert(PixelPoint(x: x, y: y)) }
        #expect(got == wanted)
        #expect(abs(uncovered.share - Double(wanted.count) / Double(whole)) < 1e-12)
    }

    @Test func outlinesFarOffAndObliqueOnesAreNoTrap() {
        let far = PlanePolygon(outer: [
            PlanePoint(x: -1e300, y: -1e300), PlanePoint(x: 1e300, y: 0.49), PlanePoint(x: 1e300, y: 0.51),
            PlanePoint(x: 0, y: 1e300),
        ])
        #expect(UncoveredTissue(tissue: [far], corners: corners((0, 0)), side: 9) != nil)
        let triangle = [PlanePoint(x: 0, y: 0), PlanePoint(x: 100, y: 0), PlanePoint(x: 0, y: 100)]
        let half = UncoveredTissue(tissue: [PlanePolygon(outer: triangle)], corners: corners((0, 0)), side: 50)
        #expect(half.map { abs($0.share - 0.5) < 0.02 } == true)
    }

    @Test func onlyUncoveredTissueIsHatched() throws {
        let image = try pattern(width: 100, height: 80)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 1000, y: 500, width: 400, height: 320))
        let tissue = [PlanePolygon(outer: box(1100, 580, 200, 160))]
        let uncovered = try #require(UncoveredTissue(tissue: tissue, corners: corners((1100, 580)), side: 100))
        let drawn = uncovered.drawn(over: backdrop, Hatch(unit: 13))
        var changed = 0
        for y in 0..<80 {
            for x in 0..<100 {
                let isTissue = (25..<75).contains(x) && (20..<60).contains(y)
                let isCovered = x < 50 && y < 45
                if isTissue, !isCovered {
                    changed += drawn[x, y] == image[x, y] ? 0 : 1
                } else {
                    #expect(drawn[x, y] == image[x, y])
                }
            }
        }
        // Two of five pixels are lines.
        #expect((450...650).contains(changed), "\(changed) of 1375")
        let tile = try decoded(png: uncovered.tile(PictureGrid(x: 1000, y: 500, downsampleX: 4, downsampleY: 4)))
        let opaque = stride(from: 3, to: tile.rgba.count, by: 4).count { tile.rgba[$0] > 0 }
        #expect(tile.width == 256 && (600...770).contains(opaque), "\(opaque) of 1375")
    }

    @Test func theSheetTellsTheHatchAndItsShareBelowTheScale() throws {
        let maps = try slideMaps(branches: [[0.5, 0.5]], side: 100)
        let file = try predictionFile(branches: [[0.5, 0.5]], corners: maps.corners, side: 100)
        let image = RGBImage(width: 300, height: 200, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 300, height: 200))
        let uncovered = UncoveredTissue(
            tissue: [PlanePolygon(outer: box(0, 0, 300, 100))],
            corners: maps.corners,
            side: 100
        )
        func sheet(_ uncovered: UncoveredTissue?) throws -> HeatmapSheet {
            try HeatmapSheet(
                of: maps.main,
                in: maps,
                of: file,
                over: backdrop,
                uncovered: uncovered,
                style: HeatmapStyle()
            )
        }
        #expect(HeatmapCaption(file, uncovered: uncovered).unexamined == "33.3 % of the tissue was not examined")
        let (plain, hatched) = (try sheet(nil), try sheet(uncovered))
        #expect(hatched.picture == plain.picture && hatched.image.width == plain.image.width)
        #expect(hatched.image.height == plain.image.height + 29)
        func dark(_ sheet: HeatmapSheet, _ rows: Range<Int>) -> Int {
            rows.reduce(0) { sum, y in
                sum + (0..<sheet.image.width).count { sheet.image[$0, y].green < 60 }
            }
        }
        let line = plain.image.height - 30..<hatched.image.height
        #expect(dark(hatched, line) > 60)
        // Of the picture only what no patch covers is another.
        let (left, top) = (plain.picture.x, plain.picture.y)
        #expect(hatched.image[left + 50, top + 50] == plain.image[left + 50, top + 50])
        let places = (0..<100).map { (left + 200 + $0, top + 50) }
        #expect(places.count { hatched.image[$0.0, $0.1] != plain.image[$0.0, $0.1] } >= 15)
        let panel = try HeatmapPanel(maps, of: file, over: backdrop, uncovered: uncovered, style: HeatmapStyle())
        let slide = try #require(panel.cells.first?.place)
        #expect((0..<300).allSatisfy { panel.sheet.image[slide.x + $0, slide.y + 50] == white })
        let map = try #require(panel.cells.last?.place)
        #expect((200..<300).contains { panel.sheet.image[map.x + $0, map.y + 50].green < 80 })
    }
}

/// Patches that reach beyond their slide end where it ends.
@Suite struct EdgeDrawingTests {
    private func maps() throws -> SlideMaps {
        var maps = try slideMaps(
            branches: [[0.9, 0.1]],
            corners: [PixelPoint(x: 80, y: 40), PixelPoint(x: 40, y: 40)],
            side: 40
        )
        maps.slideSize = PixelSize(width: 101, height: 66)
        return maps
    }

    @Test func theLastPixelIsCoveredAsFarAsTheSlideGoes() throws {
        let maps = try maps()
        let heatmap = HeatmapStyle().heatmap(maps.main, of: maps)
        let grid = PictureGrid(x: 0, y: 0, downsampleX: 4, downsampleY: 4)
        let raster = heatmap.raster(
            width: 26,
            rows: 0..<17,
            of: 17,
            grid: grid,
            positions: try heatmap.positions()
        )
        #expect(raster.coverage[12 * 26 + 24] == 1 && raster.coverage[12 * 26 + 25] == 0.25)
        #expect(raster.coverage[16 * 26 + 24] == 0.5 && raster.coverage[16 * 26 + 25] == 0.125)
    }

    @Test func overlaysEndAtTheSlide() throws {
        let maps = try maps()
        let layer = try OverlayLayer(maps.main, of: maps, scale: .absolute)
        let grid = PictureGrid(x: 0, y: 0, downsampleX: 1, downsampleY: 1)
        let tile = try decoded(png: layer.tile(grid, side: 128, from: 0, colours: lagoon))
        func alpha(_ x: Int, _ y: Int) -> UInt8 { tile.rgba[(y * 128 + x) * 4 + 3] }
        #expect(alpha(100, 65) > 0 && alpha(101, 65) == 0 && alpha(100, 66) == 0)
    }

    @Test func squaresAndRegionsForQuPathEndAtTheSlide() throws {
        let maps = try maps()
        let bounds = PixelRect(x: 0, y: 0, width: 101, height: 66)
        let geojson = MapGeoJSON.collection(maps, bounds: bounds, mpp: 1, limit: 0.1)
        let points = geojson.features.flatMap(\.polygons).flatMap(\.outer)
        #expect(points.map(\.x).max() == 101 && points.map(\.y).max() == 66)
        #expect(geojson.features.count == 3)
        #expect(geojson.features.first?.polygons.first?.area == 1586.0)
    }
}
