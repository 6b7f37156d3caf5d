import Foundation
import Imaging
import Records
import Testing

@testable import Config
@testable import Slides

struct FocusMeterTests {
    /// Round nuclei of about 8 µm on eosin at 2 µm per pixel, their edges as soft as `blur` pixels; `stain` scales the
    /// optical density.
    private func patch(blur: Double, stain: Double = 1, glassFrom: Int = 64) -> RGBImage {
        var random = CounterRandom(seed: 5, "nuclei")
        let nuclei = (0..<120).map { _ in (x: random.uniform() * 64, y: random.uniform() * 64) }
        var image = RGBImage(width: 64, height: 64)
        for y in 0..<64 {
            for x in 0..<64 {
                let nearest = nuclei.map { hypot($0.x - Double(x), $0.y - Double(y)) }.min() ?? 0
                let density = 0.2 + 0.5 / (1 + exp((nearest - 2) / max(blur, 0.05)))
                let value = x < glassFrom ? 243 * pow(10, -density * stain) : 243
                image[x, y] = RGB(UInt8(value), UInt8(value * 0.8), UInt8(value * 0.9))
            }
        }
        return image
    }

    @Test func blurLowersIt() {
        let values = [0.05, 0.3, 0.6, 2.5].map { FocusMeter.focus(of: patch(blur: $0), 1) }
        #expect(values == values.sorted(by: >))
        #expect(values[0] > 0.25 && values[3] < FocusMeter.blurred)
    }

    @Test func theStrengthOfTheStainHardlyMatters() {
        let (pale, strong) = (patch(blur: 0.4, stain: 0.5), patch(blur: 0.4, stain: 1.5))
        #expect(abs(FocusMeter.focus(of: pale, 1) - FocusMeter.focus(of: strong, 1)) < 0.06)
    }

    @Test func glassInAPatchHardlyMatters() {
        let (full, half) = (patch(blur: 2.5), patch(blur: 0.05, glassFrom: 32))
        #expect(FocusMeter.focus(of: half, 1) > 0.25 && FocusMeter.focus(of: full, 1) < 0.12)
    }

    @Test func theEndsOfItsScaleAreSmoothAndNoise() {
        var (ramp, noise) = (RGBImage(width: 64, height: 64), RGBImage(width: 64, height: 64))
        var random = CounterRandom(seed: 3, "noise")
        for y in 0..<64 {
            for x in 0..<64 {
                let grey = UInt8(2 * x + y)
                ramp[x, y] = RGB(grey, grey, grey)
                let any = UInt8(random.index(below: 200))
                noise[x, y] = RGB(any, any, any)
            }
        }
        #expect(FocusMeter.focus(of: ramp, 1) < 0.01)
        #expect(abs(FocusMeter.focus(of: noise, 1) - 1) < 0.05)
        #expect(FocusMeter.focus(of: RGBImage(width: 64, height: 64), 1) == 0)
    }

    @Test func blocksOfAFinerLevelAreTheirMean() {
        let coarse = patch(blur: 0.4)
        var fine = RGBImage(width: 128, height: 128)
        for y in 0..<128 { for x in 0..<128 { fine[x, y] = coarse[x / 2, y / 2] } }
        #expect(FocusMeter.focus(of: fine, 2) == FocusMeter.focus(of: coarse, 1))
    }

    private func meter(mpp: Double, patchSize: Int = 256, _ body: (FocusMeter?) throws -> Void) throws {
        try TestTIFF(width: 512, height: 512).use { path in
            let slide = try Slide(path: path)
            var config = TilingConfig()
            (config.mpp, config.patchSize) = (mpp, patchSize)
            let geometry = try GridPlanner.geometry(of: slide.pyramid, mpp: mpp, config: config)
            try body(FocusMeter(slide, geometry, mpp: mpp))
        }
    }

    @Test func focusIsNotToldFromCoarseSlidesOrTinyPatches() throws {
        try meter(mpp: 0.5) { #expect($0 != nil) }
        try meter(mpp: 8) { #expect($0 == nil) }
        try meter(mpp: 0.5, patchSize: 16) { #expect($0 == nil) }
    }

    @Test func theSampleHasWholeGroupsSpreadOverTheSlide() throws {
        try meter(mpp: 2) { meter in
            let meter = try #require(meter)
            let corners = (0..<10_000).map { PixelPoint(x: $0 % 100 * 256, y: $0 / 100 * 256) }
            let sample = meter.sample(of: corners)
            #expect(sample.count == 64 && sample == sample.sorted())
            #expect(sample.first == 0 && sample.contains { $0 > 9_800 })
            #expect(meter.sample(of: Array(corners.prefix(64))) == Array(0..<64))
            #expect(meter.sample(of: []).isEmpty)
        }
    }
}
