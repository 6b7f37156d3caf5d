import Foundation
import Imaging
import Records
import Testing

@testable import Heatmaps

@Suite struct HeatmapTests {
    private func map(_ corners: [PixelPoint], side: Int, values: [Float]) -> Heatmap {
        Heatmap(corners: corners, side: side, values: values, scale: .absolute(0...1), colours: lagoon)
    }

    private func mixed(_ ground: RGB, _ colour: RGB, _ weight: Float) -> RGB {
        func channel(_ from: UInt8, _ to: UInt8) -> UInt8 {
            UInt8((Float(from) + (Float(to) - Float(from)) * weight).rounded())
        }
        return RGB(
            channel(ground.red, colour.red),
            channel(ground.green, colour.green),
            channel(ground.blue, colour.blue)
        )
    }

    /// 1000 level-0 pixels on 64 pixels of picture: 15.625 to one. The patch at (250, 500) of side 100 covers the columns
    /// 16.0 to 22.4 and the rows 32.0 to 38.4.
    @Test func aPatchCoversItsExactAreaAtAFractionalScale() throws {
        let image = RGBImage(width: 64, height: 64, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 1000, height: 1000))
        let drawn = try map([PixelPoint(x: 250, y: 500)], side: 100, values: [1]).drawn(over: backdrop)
        let hot = lagoon.colours[255]
        #expect(drawn[16, 32] == mixed(white, hot, 0.6))
        #expect(drawn[21, 37] == mixed(white, hot, 0.6))
        #expect(drawn[22, 35] == mixed(white, hot, 0.6 * 0.4))
        #expect(drawn[18, 38] == mixed(white, hot, 0.6 * 0.4))
        #expect(drawn[22, 38] == mixed(white, hot, 0.6 * 0.16))
        #expect(drawn[15, 35] == white && drawn[23, 35] == white && drawn[18, 31] == white && drawn[18, 39] == white)
    }

    /// The centre of mass of what changed is the patch's centre, whatever the scale and the region.
    @Test(arguments: [(997, 1501, 61, 97), (4096, 4096, 333, 335), (50_000, 33_333, 801, 533)])
    func aBrightPatchLiesWhereItIs(width: Int, height: Int, across: Int, down: Int) throws {
        let image = RGBImage(width: across, height: down, fill: white)
        let region = PixelRect(x: 120, y: 35, width: width, height: height)
        let backdrop = try Backdrop(image: image, region: region)
        let side = width / 7
        let corner = PixelPoint(x: 120 + width / 3, y: 35 + height / 5)
        let drawn = try map([corner], side: side, values: [1]).drawn(over: backdrop)
        var (mass, atX, atY) = (0.0, 0.0, 0.0)
        for y in 0..<down {
            for x in 0..<across {
                let change = 255 - Double(drawn[x, y].blue)
                mass += change
                atX += change * (Double(x) + 0.5)
                atY += change * (Double(y) + 0.5)
            }
        }
        let wantedX = (Double(corner.x - 120) + Double(side) / 2) * Double(across) / Double(width)
        let wantedY = (Double(corner.y - 35) + Double(side) / 2) * Double(down) / Double(height)
        #expect(abs(atX / mass - wantedX) < 0.05)
        #expect(abs(atY / mass - wantedY) < 0.05)
    }

    @Test func pixelsWithoutAPatchKeepTheirBytes() throws {
        let image = try pattern(width: 50, height: 40)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 500, height: 400))
        let drawn = try map([PixelPoint(x: 95, y: 100)], side: 110, values: [0.7]).drawn(over: backdrop)
        var touched = 0
        for y in 0..<40 {
            for x in 0..<50 {
                if (9...20).contains(x), (10...20).contains(y) {
                    touched += drawn[x, y] == image[x, y] ? 0 : 1
                } else {
                    #expect(drawn[x, y] == image[x, y])
                }
            }
        }
        #expect(touched > 120)
        #expect(try map([], side: 5, values: []).drawn(over: backdrop) == image)
    }

    @Test func neighboursLeaveNoSeamAtAFractionalScale() throws {
        let image = RGBImage(width: 37, height: 10, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 1000, height: 270))
        let corners = (0..<10).map { PixelPoint(x: $0 * 100, y: 0) }
        let drawn = try map(corners, side: 100, values: Array(repeating: 0.6, count: 10)).drawn(over: backdrop)
        let colour = mixed(white, lagoon.colour(at: 0.6), 0.6 * 0.7)
        for x in 0..<37 { #expect(drawn[x, 1] == colour) }
    }

    @Test func tissueThatTheModelPassedOverKeepsItsStain() throws {
        let image = RGBImage(width: 4, height: 4, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 4, height: 4))
        let drawn = try map([PixelPoint(x: 0, y: 0)], side: 4, values: [0]).drawn(over: backdrop)
        #expect(drawn[2, 2] == mixed(white, lagoon.colours[0], 0.15))
    }

    @Test func whereTwoPatchesOverlapTheirMeanIsShown() throws {
        let image = RGBImage(width: 30, height: 10, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 30, height: 10))
        let corners = [PixelPoint(x: 0, y: 0), PixelPoint(x: 10, y: 0)]
        let drawn = try map(corners, side: 20, values: [0.2, 0.8]).drawn(over: backdrop)
        #expect(drawn[5, 5] == mixed(white, lagoon.colour(at: 0.2), 0.6 * 0.4))
        #expect(drawn[15, 5] == mixed(white, lagoon.colour(at: 0.5), 0.6 * 0.625))
        #expect(drawn[25, 5] == mixed(white, lagoon.colour(at: 0.8), 0.6 * 0.85))
    }

    @Test func patchesThatLeaveThePictureAreCutOff() throws {
        let image = RGBImage(width: 10, height: 10, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 100, height: 100))
        let corners = [PixelPoint(x: 90, y: 90), PixelPoint(x: -20, y: 0), PixelPoint(x: 500, y: 500)]
        let drawn = try map(corners, side: 30, values: [1, 1, 1]).drawn(over: backdrop)
        #expect(drawn[9, 9] != white && drawn[0, 2] != white && drawn[5, 5] == white && drawn[1, 0] == white)
    }

    @Test func valuesAndCornersMustAgree() throws {
        let image = RGBImage(width: 10, height: 10, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 10, height: 10))
        #expect(throws: ReviewError.self) { try map([], side: 1, values: [1]).drawn(over: backdrop) }
    }

    /// Two patches of 0 and 1 side by side: far from their border each keeps its value, at the border they meet in the
    /// middle, and nothing is drawn outside of them.
    @Test func smoothingBlursValuesButNotTheEdgeOfTheTissue() throws {
        let image = RGBImage(width: 60, height: 20, fill: white)
        let backdrop = try Backdrop(image: image, region: PixelRect(x: 0, y: 0, width: 60, height: 20))
        let corners = [PixelPoint(x: 10, y: 0), PixelPoint(x: 30, y: 0)]
        var map = map(corners, side: 20, values: [0, 1])
        map.smoothing = 0.1
        let drawn = try map.drawn(over: backdrop)
        #expect(drawn[12, 10] == mixed(white, lagoon.colours[0], 0.15))
        #expect(drawn[47, 10] == mixed(white, lagoon.colours[255], 0.6))
        #expect(drawn[9, 10] == white && drawn[50, 10] == white)
        let raster = map.raster(width: 60, rows: 0..<20, of: 20, grid: backdrop.grid, positions: [0, 1])
        let border = try [29, 30].map { try #require(raster.position(at: 10 * 60 + $0)) }
        #expect(abs(border[0] + border[1] - 1) < 1e-5 && border[0] > 0.3 && border[1] < 0.7)
    }

    /// A band of a picture is drawn as the whole picture is, smoothed or not.
    @Test(arguments: [0, 0.7]) func bandsGiveTheSameAsTheWhole(smoothing: Double) throws {
        let corners = (0..<12).map { PixelPoint(x: $0 % 4 * 100, y: $0 / 4 * 100) }
        var map = map(corners, side: 100, values: (0..<12).map { Float($0) / 11 })
        map.smoothing = smoothing
        let grid = PictureGrid(x: -20, y: -30, downsampleX: 4, downsampleY: 4)
        let positions = try map.positions()
        let whole = map.raster(width: 120, rows: 0..<100, of: 100, grid: grid, positions: positions)
        for rows in [0..<17, 17..<60, 60..<100] {
            let band = map.raster(width: 120, rows: rows, of: 100, grid: grid, positions: positions)
            for pixel in 0..<120 * rows.count {
                let wanted = whole.position(at: rows.lowerBound * 120 + pixel)
                let got = band.position(at: pixel)
                #expect((wanted == nil) == (got == nil))
                #expect(abs((wanted ?? 0) - (got ?? 0)) < 1e-5)
            }
        }
    }

    @Test func anAbsoluteScaleIsTheSameOnEverySlide() {
        #expect(HeatmapScale.attention.positions(of: [0, 1, 5, 40]) == [0, 0.1, 0.5, 4])
        #expect(HeatmapScale.attention.ticks.map(\.label) == ["0", "2", "4", "6", "8", "≥ 10"])
        #expect(HeatmapScale.absolute(-1...1).ticks.map(\.label) == ["-1", "-0.5", "0", "0.5", "≥ 1"])
        #expect(HeatmapScale.absolute(0.5...2).ticks.map(\.label) == ["≤ 0.5", "1", "1.5", "≥ 2"])
    }

    @Test func equalValuesShareAPercentile() {
        #expect(HeatmapScale.percentile.positions(of: [3, 1, 1, 9, 7]) == [0.5, 0.125, 0.125, 1, 0.75])
        #expect(HeatmapScale.percentile.positions(of: [3]) == [0.5])
        #expect(HeatmapScale.percentile.positions(of: [2, 2, 2]) == [0.5, 0.5, 0.5])
    }
}
