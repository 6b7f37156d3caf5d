import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Files of others, beside OpenSlide where the one that is loaded reads DICOM.
@Suite(.enabled(if: SharedData.has("field/slides/cmu1_ybr_full.dcm"), "\(SharedData.absence)"))
struct DICOMRealTests {
    private static let readsDICOM = !OpenSlideReader.version.hasPrefix("3.")

    @Test func whatTheySayIsRead() throws {
        let slide = try Slide(path: SharedData.path("field/slides/cmu1_ybr_full.dcm"))
        #expect(slide.size == PixelSize(width: 2220, height: 2967) && slide.facts.mppX == 0.499)
        let series = try Slide(path: SharedData.path("field/slides/dicom_series"))
        #expect(series.levels.map(\.size.width) == [1152, 576] && series.levels.map(\.downsample) == [1, 2])
    }

    @Test(
        .enabled(if: readsDICOM, "the OpenSlide that is loaded does not read DICOM"),
        // It does not take YBR_FULL in JPEG.
        arguments: ["camelyon_jpeg.dcm", "highdicom_sm_image.dcm"]
    )
    func pixelsAreOpenSlides(name: String) throws {
        let slide = try Slide(path: SharedData.path("field/slides/\(name)"))
        let other = try #require(try OpenSlideReader(path: SharedData.path("field/slides/\(name)")))
        let place = LevelRect(level: 0, x: 0, y: 0, width: slide.size.width, height: slide.size.height)
        var pixels = [UInt32](repeating: 0, count: place.width * place.height)
        try pixels.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { try other.read(place, into: base) }
        }
        let theirs = ARGBRegion(width: place.width, height: place.height, pixels: pixels).image(on: .white).pixels
        let furthest = zip(try slide.whole(), theirs).map { abs(Int($0) - Int($1)) }.max()
        #expect(furthest == 0 || furthest == 1)
    }
}
