import Foundation
import Imaging
import Records
import Testing

@testable import Config
@testable import Slides

struct ArtefactTests {
    /// Tissue with a square of 30 × 30 mask pixels of one colour in its middle.
    private func artefacts(_ colour: RGB, side: Int = 30) -> Artefacts {
        let overview = overview { x, y in
            if (40..<(40 + side)).contains(x), (30..<(30 + side)).contains(y) { return colour }
            return (10..<100).contains(x) && (10..<90).contains(y) ? (x + y) % 3 == 0 ? purple : pink : glass
        }
        return Artefacts(overview, tissue: TissueMask(overview))
    }

    @Test(arguments: [
        RGB(40, 70, 170), RGB(30, 40, 120), RGB(70, 110, 200), RGB(40, 140, 70),
        RGB(20, 90, 60), RGB(35, 33, 36), RGB(70, 66, 72), RGB(215, 35, 40),
    ])
    func penInkOfEachColourIsFoundExactly(_ colour: RGB) {
        let found = artefacts(colour)
        #expect(found.ink.count == 900)
        #expect(found.ink[40, 30] == 1 && found.ink[39, 30] == 0)
        #expect(found.dark.count == 0)
    }

    /// Haematoxylin, eosin and mixtures of both from their optical densities, from pale to dense; blood.
    @Test func noMixtureOfHaematoxylinAndEosinIsInk() {
        func value(_ density: Double) -> UInt8 { UInt8((243 * pow(10, -density)).rounded()) }
        for mixture in 0..<35 {
            let haematoxylin = Double(mixture / 5) * 0.2
            let eosin = Double(mixture % 5) * 0.2
            let colour = RGB(
                value(0.65 * haematoxylin + 0.07 * eosin),
                value(0.70 * haematoxylin + 0.99 * eosin),
                value(0.29 * haematoxylin + 0.11 * eosin)
            )
            #expect(artefacts(colour).ink.count == 0, "haematoxylin \(haematoxylin), eosin \(eosin)")
        }
        #expect(artefacts(RGB(190, 60, 85)).ink.count == 0)
    }

    @Test func specksOfPigmentAreNoInk() {
        // 144 pixels of 64 µm² are less than 10,000 µm², 169 are more.
        #expect(artefacts(RGB(40, 70, 170), side: 12).ink.count == 0)
        #expect(artefacts(RGB(40, 70, 170), side: 13).ink.count == 169)
    }

    @Test func theScannersBlackBorderIsNoInk() {
        let overview = overview { x, y in
            if x < 20 || y >= 95 { return RGB(4, 4, 5) }
            return (40..<80).contains(x) && (20..<60).contains(y) ? pink : glass
        }
        #expect(Artefacts(overview, tissue: TissueMask(overview)).ink.count == 0)
    }

    /// Black and grey of which every pixel is the same, with the specks of its compression.
    @Test(arguments: [0, 4, 9, 40, 70, 120, 200])
    func whatWasNeverScannedIsNeitherInkNorDark(_ level: UInt8) {
        let overview = overview { x, y in
            if (40..<70).contains(x), (30..<60).contains(y) {
                return (x + y * 7) % 29 == 0 ? RGB(level + 3, level, level + 1) : RGB(level, level, level)
            }
            return (10..<100).contains(x) && (10..<90).contains(y) ? (x + y) % 3 == 0 ? purple : pink : glass
        }
        let mask = TissueMask(overview)
        let found = Artefacts(overview, tissue: mask)
        #expect(found.ink.count == 0 && found.dark.count == 0)
        #expect(mask.facts.areaUM2 == Double(90 * 80 - 900) * 64)
    }

    @Test func tissueThatLetsLittleLightThroughIsDark() {
        let fold = artefacts(RGB(80, 30, 85))
        #expect(fold.dark.count == 900 && fold.ink.count == 0)
        #expect(artefacts(RGB(110, 60, 130)).dark.count == 0)
    }

    @Test func tintedGlassChangesNothing() {
        let tinted = overview { x, y in
            if (40..<70).contains(x), (30..<60).contains(y) { return RGB(40, 66, 150) }
            return (10..<100).contains(x) && (10..<90).contains(y) ? RGB(216, 134, 164) : RGB(233, 232, 220)
        }
        #expect(GlassColour(of: tinted) == GlassColour(of: overview { _, _ in RGB(233, 232, 220) }))
        #expect(Artefacts(tinted, tissue: TissueMask(tinted)).ink.count == 900)
    }
}

struct SlideBackgroundTests {
    private func isRefused(_ overview: Overview, _ background: MaskConfig.Background = .bright) -> Bool {
        do { try SlideBackground.check(overview, background) } catch { return Failure(error).code == .darkBackground }
        return false
    }

    private func cells(_ x: Int, _ y: Int) -> Bool {
        (20..<100).contains(x) && (20..<60).contains(y) && (x + y) % 4 == 0
    }

    @Test func fluorescenceIsRefusedUnlessItIsAskedFor() {
        let slide = overview { x, y in
            cells(x, y) ? RGB(UInt8(x), 230, UInt8(y)) : RGB(4, 9, 14)
        }
        #expect(isRefused(slide))
        #expect(!isRefused(slide, .dark))
    }

    @Test func aBrightSlideWithWideBlackBordersIsTaken() {
        #expect(
            !isRefused(
                overview { x, y in
                    if x < 75 { return RGB(2, 2, 2) }
                    return (90..<110).contains(x) && (20..<60).contains(y) ? pink : glass
                }
            )
        )
    }

    @Test func denseTissueWithoutGlassAndBlackWithoutAnythingAreTaken() {
        #expect(!isRefused(overview { _, _ in purple }))
        #expect(!isRefused(overview { x, _ in RGB(UInt8(x % 5), 3, 2) }))
        // What was never scanned has no colour, whatever its bytes are.
        #expect(
            !isRefused(overview(alpha: { x, _ in x < 90 ? 0 : 255 }) { x, _ in x < 90 ? RGB(0, 0, 0) : glass })
        )
    }
}
