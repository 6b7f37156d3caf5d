import Config
import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Slides of 29 to 100 µm per pixel, as overviews and coarse DICOM are: found and tiled at their own scale.
@Suite struct CoarseSlideTests {
    private static let size = PixelSize(width: 480, height: 320)

    /// An ellipse of tissue on glass, in pixels.
    private static func isTissue(_ x: Int, _ y: Int) -> Bool {
        let (across, down) = ((Double(x) - 200) / 110, (Double(y) - 170) / 80)
        return across * across + down * down < 1
    }

    private static func slide() -> TestTIFF {
        TestTIFF(width: size.width, height: size.height) { x, y in
            let grain = (x &* 73 &+ y &* 151 &+ (x &* y) % 31) % 29
            return isTissue(x, y)
                ? [UInt8(185 + grain), UInt8(105 + grain * 2), UInt8(160 + grain)]
                : [UInt8(240 + grain % 3), UInt8(240 + grain % 3), UInt8(241 + grain % 3)]
        }
    }

    /// Pixels per centimetre: 28.99, 62.1 and 100 µm.
    @Test(arguments: [345, 161, 100] as [UInt32]) func aCoarseSlideIsTiledAtItsOwnScale(perCentimetre: UInt32) throws {
        var made = Self.slide()
        made.resolution = (perCentimetre, perCentimetre, .centimetre)
        let mpp = 10_000 / Double(perCentimetre)
        try made.use { path in
            let slide = try Slide(path: path)
            #expect(abs(try slide.scale().mpp - mpp) < 1e-9)
            let mask = try TissueMask(of: slide, mpp: mpp, config: MaskConfig())
            #expect(mask.scale == 1 && mask.size == Self.size)
            let wanted = (0..<Self.size.height).reduce(0) { sum, y in
                sum + (0..<Self.size.width).count { Self.isTissue($0, y) }
            }
            #expect(abs(mask.facts.areaUM2 / (Double(wanted) * mpp * mpp) - 1) < 0.05)
            #expect(mask.facts.regions == 1)

            var config = TilingConfig()
            (config.mpp, config.patchSize) = (mpp, 32)
            let tiling = try SlideTiling(of: slide, id: SlideID("coarse"), config: config)
            #expect(tiling.grid.geometry.sideLevel0 == 32 && tiling.grid.geometry.level == 0)
            let corners = Set(tiling.grid.corners)
            for y in stride(from: 0, to: Self.size.height, by: 32) {
                for x in stride(from: 0, to: Self.size.width, by: 32) {
                    let tissue = (0..<1024).count { Self.isTissue(x + $0 % 32, y + $0 / 32) }
                    // Closing gaps moves the border by less than a pixel.
                    if tissue > 320 { #expect(corners.contains(PixelPoint(x: x, y: y)), "\(x), \(y): \(tissue)") }
                    if tissue < 190 { #expect(!corners.contains(PixelPoint(x: x, y: y)), "\(x), \(y): \(tissue)") }
                }
            }
        }
    }

    @Test func patchesFinerThanACoarseSlideAreRefusedWithItsScale() throws {
        var made = Self.slide()
        made.resolution = (345, 345, .centimetre)
        let message = try made.use { path in
            #expect(throws: SlideError.self) {
                try SlideTiling(of: Slide(path: path), id: SlideID("coarse"), config: TilingConfig())
            }?.message
        }
        #expect(message?.contains("28.98551 µm per pixel") == true && message?.contains("or coarser") == true)
    }
}
