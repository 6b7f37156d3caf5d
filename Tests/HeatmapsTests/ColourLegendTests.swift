import Imaging
import Records
import Testing

@testable import Heatmaps

/// The colours of the bar are those of the picture.
@Suite struct ColourLegendTests {
    private let tissue = RGB(190, 120, 170)
    private let corners = (0..<4).map { PixelPoint(x: $0 * 512, y: 0) }

    private func maps() throws -> SlideMaps {
        // N·attention 0, 0.4, 1.2 and 2.4: the last lies beyond the range.
        try SlideMaps(
            predictionFile(branches: [[0, 0.1, 0.3, 0.6]], corners: corners, side: 512),
            attention: 0...2,
            score: 0...10
        )
    }

    private func backdrop(_ colour: RGB, height: Int = 64) throws -> Backdrop {
        try Backdrop(
            image: RGBImage(width: 256, height: height, fill: colour),
            region: PixelRect(x: 0, y: 0, width: 2048, height: 8 * height)
        )
    }

    private func style(_ opacity: Float) -> HeatmapStyle {
        var style = HeatmapStyle()
        style.opacity = opacity
        return style
    }

    @Test(arguments: [0.0, 0.3, 0.6, 0.9, 1.0] as [Float])
    func theLegendShowsWhatThePictureShows(opacity: Float) throws {
        let (maps, style) = (try maps(), style(opacity))
        for ground in [white, tissue] {
            let legend = style.legend(of: maps.main, over: ground)
            let drawn = try style.heatmap(maps.main, of: maps).drawn(over: backdrop(ground))
            for (place, position) in [0, 0.2, 0.6, 1].enumerated() {
                let (shown, wanted) = (drawn[64 * place + 32, 32], legend.colour(at: Float(position), over: ground))
                let steps = [(shown.red, wanted.red), (shown.green, wanted.green), (shown.blue, wanted.blue)]
                #expect(steps.allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "\(shown) is not \(wanted)")
            }
        }
    }

    @Test func atFullOpacityTheColoursOverTissueAreTheColourMapsOwn() throws {
        let (maps, style) = (try maps(), style(1))
        let drawn = try style.heatmap(maps.main, of: maps).drawn(over: backdrop(tissue))
        #expect(drawn[32, 32] == lagoon.colour(at: 0) && drawn[255, 32] == lagoon.colour(at: 1))
        #expect(style.legend(of: maps.main, over: tissue).grounds.count == 1)
    }

    @Test func theBottomOfTheScaleKeepsItsStainUpToTheDefaultOpacity() {
        #expect([0.1, 0.4, 0.6].allSatisfy { Heatmap.faintest($0) == 0.25 })
        #expect(Heatmap.faintest(0.8) > 0.25 && Heatmap.faintest(0.8) < 1 && Heatmap.faintest(1) == 1)
    }

    @Test func theBarHasARowOverWhiteAndOneOverTheSlidesTissue() throws {
        let maps = try maps()
        let file = try predictionFile(branches: [[0, 0.1, 0.3, 0.6]], corners: corners, side: 512)
        func sheet(_ opacity: Float) throws -> HeatmapSheet {
            try HeatmapSheet(of: maps.main, in: maps, of: file, over: backdrop(tissue), style: style(opacity))
        }
        func layout(_ rows: Int) -> SheetLayout {
            SheetLayout(pictureWidth: 256, pictureHeight: 64, legends: 1, rows: rows, isHatched: false)
        }
        func colour(_ sheet: HeatmapSheet, _ layout: SheetLayout, row: Int, atEnd: Bool) -> RGB {
            let x = layout.left + (atEnd ? layout.barWidth - 1 : 0)
            return sheet.image[Int(x), Int(layout.rowTop(row) + layout.rowHeight / 2)]
        }
        let (mixed, full) = (try sheet(0.6), try sheet(1))
        let legend = style(0.6).legend(of: maps.main, over: tissue)
        for (row, ground) in [white, tissue].enumerated() {
            #expect(colour(mixed, layout(2), row: row, atEnd: false) == legend.colour(at: 0.5 / 260, over: ground))
            #expect(colour(mixed, layout(2), row: row, atEnd: true) == legend.colour(at: 259.5 / 260, over: ground))
        }
        #expect(colour(full, layout(1), row: 0, atEnd: true) == lagoon.colour(at: 1))
        #expect(full.image.height == layout(1).height && mixed.image.height == layout(2).height)
        #expect(full.image.height < mixed.image.height)
    }

    @Test func theTissuesColourIsTheMeanUnderThePatches() throws {
        let maps = try maps()
        var ground = try backdrop(white)
        for y in 0..<64 {
            for x in 0..<256 {
                let start = (y * 256 + x) * 3
                // Half of the patches lie on black.
                for channel in 0..<3 { ground.image.pixels[start + channel] = x < 128 ? 0 : 200 }
            }
        }
        #expect(ground.tissue(under: maps) == RGB(100, 100, 100))
        let elsewhere = PictureGrid(x: 1e6, y: 0, downsampleX: 8, downsampleY: 8)
        #expect(Backdrop(image: ground.image, grid: elsewhere).tissue(under: maps) == ColourLegend.paleTissue)
    }
}
