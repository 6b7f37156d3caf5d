import Foundation
import Imaging
import Records
import Storage
import Testing

@testable import Heatmaps

@Suite struct PanelAndGalleryTests {
    private let branches: [[Float]] = [[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]]

    private func isEqual(_ picture: RGBImage, _ sheet: RGBImage, at place: PixelRect) -> Bool {
        (0..<picture.height).allSatisfy { y in
            (0..<picture.width).allSatisfy { x in picture[x, y] == sheet[place.x + x, place.y + y] }
        }
    }

    @Test func aPanelShowsTheSlideEveryRowAndWhereTheyDisagree() throws {
        let corners = (0..<4).map { PixelPoint(x: $0 * 512, y: 0) }
        let file = try predictionFile(branches: branches, corners: corners, side: 512)
        let maps = try slideMaps(branches: branches)
        let region = PixelRect(x: 0, y: 0, width: 2048, height: 1024)
        let backdrop = try Backdrop(image: try pattern(width: 320, height: 160), region: region)
        let style = HeatmapStyle()
        let panel = try HeatmapPanel(maps, of: file, over: backdrop, style: style)
        #expect(panel.cells.map(\.title) == ["slide", "mean", "branch_0", "branch_1", "disagreement"])
        #expect(isEqual(backdrop.image, panel.sheet.image, at: panel.cells[0].place))
        for (cell, map) in zip(panel.cells.dropFirst(), maps.all) {
            #expect(isEqual(try style.heatmap(map, of: maps).drawn(over: backdrop), panel.sheet.image, at: cell.place))
        }
        let again = try HeatmapPanel(maps, of: file, over: backdrop, style: style)
        #expect(try again.sheet.image.png() == panel.sheet.image.png())
    }

    @Test func aPanelTakesTheShapeOfItsPage() throws {
        let file = try predictionFile(
            branches: branches,
            corners: (0..<4).map { PixelPoint(x: $0 * 512, y: 0) },
            side: 512
        )
        let region = PixelRect(x: 0, y: 0, width: 2048, height: 2048)
        let backdrop = try Backdrop(image: try pattern(width: 100, height: 100), region: region)
        let columns = try [0.5, 1, 3].map { page in
            let panel = try HeatmapPanel(
                try slideMaps(branches: branches),
                of: file,
                over: backdrop,
                style: HeatmapStyle(),
                page: page
            )
            return Set(panel.cells.map(\.place.x)).count
        }
        #expect(columns == columns.sorted() && columns[0] < columns[1] && columns[1] < columns[2], "\(columns)")
    }

    @Test func aGalleryShowsBothEndsOfTheOrderAndNoPatchTwice() throws {
        let values: [Float] = [0.1, 0.4, 0.05, 0.3, 0.15]
        let maps = try slideMaps(branches: [values], side: 64)
        let file = try predictionFile(branches: [values], corners: maps.corners, side: 64)
        let pictures = (0..<5).map { RGBImage(width: 64, height: 64, fill: RGB(UInt8($0) * 40, 9, 200)) }
        let gallery = try PatchGallery(maps.main, in: maps, of: file, count: 2) { pictures[$0.x / 64] }
        #expect(gallery.tiles.map(\.row) == [1, 3, 2, 0])
        for (row, place) in gallery.tiles { #expect(isEqual(pictures[row], gallery.sheet.image, at: place)) }
        let wide = try PatchGallery(maps.main, in: maps, of: file, count: 4) { pictures[$0.x / 64] }
        #expect(wide.tiles.map(\.row) == [1, 3, 4, 0, 2])
    }

    @Test func aPatchThatCannotBeReadLeavesItsPlaceEmpty() throws {
        let maps = try slideMaps(branches: [[0.5, 0.5]], side: 64)
        let file = try predictionFile(branches: [[0.5, 0.5]], corners: maps.corners, side: 64)
        let gallery = try PatchGallery(maps.main, in: maps, of: file, count: 1) { _ in nil }
        let place = gallery.tiles[0].place
        #expect(gallery.sheet.image[place.x + 30, place.y + 30] == SheetPen.mat)
    }

    @Test func aPatchLargerThanItsPlaceIsShrunkAsAWhole() throws {
        let maps = try slideMaps(branches: [[1]], side: 1024)
        let file = try predictionFile(branches: [[1]], corners: maps.corners, side: 1024)
        let picture = RGBImage(width: 1024, height: 1024, fill: RGB(10, 200, 30))
        let gallery = try PatchGallery(maps.main, in: maps, of: file, count: 1) { _ in picture }
        let place = gallery.tiles[0].place
        #expect(place.width == 512)
        #expect(gallery.sheet.image[place.x + 511, place.y + 511] == RGB(10, 200, 30))
    }
}
