import Foundation
import Imaging
import Records
import Storage
import Testing

@testable import Heatmaps

@Suite struct HeatmapSheetTests {
    private func file(slide: String = "S1") throws -> PredictionFile {
        PredictionFile(
            prediction: try prediction(
                slide: slide,
                attention: [0.1, 0.9],
                corners: [PixelPoint(x: 0, y: 0), PixelPoint(x: 512, y: 512)]
            ),
            classes: ["normal", "tumor"],
            model: "acmil",
            folds: [0],
            grid: nil,
            sideLevel0: 512,
            attributes: ["wsi_encoder": "he-texture-v1"]
        )
    }

    private func backdrop(_ width: Int, _ height: Int) throws -> Backdrop {
        try Backdrop(
            image: try pattern(width: width, height: height),
            region: PixelRect(x: 0, y: 0, width: 4096, height: 4096)
        )
    }

    private func sheet(of file: PredictionFile, over backdrop: Backdrop) throws -> HeatmapSheet {
        let maps = try SlideMaps(file, attention: 0...10, score: 0...10)
        return try HeatmapSheet(of: maps.main, in: maps, of: file, over: backdrop, style: HeatmapStyle())
    }

    @Test func theCaptionSaysProbabilityThresholdAndCall() throws {
        var file = try file()
        var caption = HeatmapCaption(file)
        #expect(caption.slide == "S1")
        #expect(caption.facts == "Model acmil  ·  Encoder he-texture-v1")
        #expect(caption.patches == "2 patches")
        #expect(caption.result == "P(tumor) 0.931")
        #expect(caption.call == "Threshold 0.412, called tumor")
        file.prediction.answer = .class(ClassAnswer([0.069, 0.931], threshold: 0.95))
        caption = HeatmapCaption(file)
        #expect(caption.call == "Threshold 0.950, called normal")
        file.prediction.answer = .class(ClassAnswer([0.2, 0.3, 0.5], threshold: 0.95))
        (file.classes, file.folds) = (["a", "b", "c"], [0, 1])
        caption = HeatmapCaption(file)
        #expect(caption.facts == "Model acmil, 2 folds  ·  Encoder he-texture-v1")
        #expect(caption.result == "P(c) 0.500" && caption.call.isEmpty)
    }

    @Test func whatIsSaidAgainstAMapStandsOnItsPictureAndInItsReport() throws {
        var file = try file()
        let backdrop = try backdrop(700, 300)
        let (plain, report) = (try sheet(of: file, over: backdrop), SlideReport(file).text)
        file.doubt = "this map <does> no better than chance"
        #expect(HeatmapCaption(file).doubt == file.doubt)
        let doubted = try sheet(of: file, over: backdrop)
        #expect(doubted.image.height > plain.image.height && doubted.picture == plain.picture)
        var long = file
        long.doubt = [String](repeating: "no better than chance", count: 20).joined(separator: " ")
        #expect(try sheet(of: long, over: backdrop).image.height > doubted.image.height + 30)
        var told = SlideReport(file)
        told.chart = ("<svg></svg>", "curves & more")
        #expect(told.text.contains("<p class=\"flag\">this map &lt;does&gt; no better than chance</p>"))
        #expect(told.text.contains("<svg></svg>") && told.text.contains("curves &amp; more"))
        #expect(!report.contains("flag\">") && !report.contains("<svg"))
    }

    @Test(arguments: [(700, 300), (120, 900), (40, 40)])
    func thePictureStandsInTheSheetByteForByte(width: Int, height: Int) throws {
        let backdrop = try backdrop(width, height)
        let sheet = try sheet(of: try file(), over: backdrop)
        let map = Heatmap(
            corners: try file().prediction.corners,
            side: 512,
            values: [0.2, 1.8],
            scale: .attention,
            colours: lagoon
        )
        let drawn = try map.drawn(over: backdrop)
        #expect(sheet.picture.width == width && sheet.picture.height == height)
        for y in 0..<height {
            for x in 0..<width {
                guard sheet.image[sheet.picture.x + x, sheet.picture.y + y] == drawn[x, y] else {
                    Issue.record("pixel \(x), \(y) was drawn over")
                    return
                }
            }
        }
    }

    @Test func theMarginStaysPaper() throws {
        let sheet = try sheet(
            of: try file(slide: String(repeating: "very-long-slide-id ", count: 10) + "x"),
            over: try backdrop(500, 400)
        )
        let (width, height) = (sheet.image.width, sheet.image.height)
        for y in 0..<height {
            for x in 0..<width where x < 20 || y < 20 || x >= width - 20 || y >= height - 20 {
                #expect(sheet.image[x, y] == SheetPen.paper)
            }
        }
    }

    @Test func equalInputGivesEqualPNGBytesWithoutTextOrTime() throws {
        let pictures = try (0..<2).map { _ in
            try sheet(of: try file(), over: try backdrop(300, 200)).image.png()
        }
        #expect(pictures[0] == pictures[1])
        let bytes = [UInt8](pictures[0])
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var kinds: [String] = []
        var position = 8
        while position + 8 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            kinds.append(String(decoding: bytes[position + 4..<position + 8], as: UTF8.self))
            position += 12 + length
        }
        #expect(Set(kinds).isSubset(of: ["IHDR", "sRGB", "gAMA", "cHRM", "IDAT", "IEND"]))
        #expect(kinds.first == "IHDR" && kinds.last == "IEND")
    }

    @Test func aPNGHasThePicturesSize() throws {
        let bytes = [UInt8](try RGBImage(width: 321, height: 45, fill: white).png())
        #expect(bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } == 321)
        #expect(bytes[20..<24].reduce(0) { $0 << 8 | Int($1) } == 45)
    }

    @Test(arguments: [
        (4.0, 500.0, 2000.0, 500.0, "2 mm"),
        (8.25, 200.0, 1000.0, 1000 / 8.25, "1 mm"),
        (0.5, 300.0, 100.0, 200.0, "100 µm"),
        (31.0, 300.0, 5000.0, 5000 / 31.0, "5 mm"),
        (0.01, 120.0, 1.0, 100.0, "1 µm"),
    ])
    func theScaleBarIsTheLongestRoundLengthThatFits(
        mpp: Double,
        limit: Double,
        microns: Double,
        pixels: Double,
        label: String
    ) throws {
        let bar = try #require(ScaleBar(micronsPerPixel: mpp, limit: limit))
        #expect(abs(bar.microns - microns) < 1e-9 * microns)
        #expect(abs(bar.pixels - pixels) < 1e-9 * pixels)
        #expect(bar.label == label)
        #expect(bar.pixels <= limit)
    }

    @Test func aScaleThatMeansNothingGivesNoBar() {
        #expect(ScaleBar(micronsPerPixel: 0, limit: 100) == nil)
        #expect(ScaleBar(micronsPerPixel: .nan, limit: 100) == nil)
    }

    @Test func aLongNameLosesItsMiddle() throws {
        let face = try Typeface(.regular, override: nil)
        let name = "TCGA-CR-7395-01A-01-TS1.0123456789-abcdef"
        let short = try face.shortened(name, size: 20, width: 200)
        #expect(short.contains("…") && short.hasPrefix("TCGA") && short.hasSuffix("def"))
        #expect(try face.width(short, size: 20) <= 200)
        #expect(try face.shortened("S1", size: 20, width: 200) == "S1")
    }

    @Test func aLongTextIsBrokenBetweenWordsAndLosesNone() throws {
        let face = try Typeface(.regular, override: nil)
        let text =
            "this map does no better than chance at pointing to what the model used (gain -0.145, random 95 % -1 to 1)"
        let lines = try face.lines(text, size: 20, width: 300)
        #expect(lines.count > 2 && lines.joined(separator: " ") == text)
        #expect(try lines.allSatisfy { try face.width($0, size: 20) <= 300 })
        #expect(try face.lines("short", size: 20, width: 300) == ["short"])
    }

    @Test(arguments: [(600, 900), (1200, 800), (2400, 1600)])
    func severalLegendsStandInRowsThatCanBeRead(width: Int, height: Int) {
        var layout = SheetLayout(pictureWidth: width, pictureHeight: height, legends: 6, rows: 2, isHatched: true)
        (layout.titleLines, layout.doubtLines) = (3, 2)
        #expect(layout.barWidth >= 13 * layout.unit)
        var last: (top: Double, right: Double)?
        for legend in 0..<6 {
            let (left, top) = (layout.barLeft(legend), layout.barTop(legend))
            #expect(left + layout.barWidth <= layout.right)
            if let last, last.top == top { #expect(left > last.right) }
            // The topmost line of the title is below the numbers of the row above.
            if let last, last.top < top {
                let title = layout.legendBaseline(legend) - 2 * SheetLayout.lineHeight * layout.unit
                #expect(title - layout.unit > last.top + layout.barHeight + 1.5 * layout.unit)
            }
            last = (top, left + layout.barWidth)
        }
        #expect(layout.barTop(5) > layout.barTop(0))
        #expect(layout.doubtBaseline(0) > layout.hatchBaseline && layout.hatchBaseline > layout.tickBaseline(5))
        #expect(layout.doubtBaseline(1) + layout.unit < Double(layout.height))
        #expect(layout.legendsWidth + layout.longestScaleBar < Double(layout.contentWidth))
    }

    @Test func aMissingFontSaysWhatToInstall() throws {
        do {
            _ = try Typeface(.regular, override: "/no/font.ttf")
            Issue.record("a font that is not there was opened")
        } catch let error as ReviewError {
            #expect(error.code == .notFound)
            #expect(error.description.contains("fonts-dejavu-core"))
        }
    }
}
