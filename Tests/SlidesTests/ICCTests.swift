import Config
import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Colours by a slide's ICC profile.
@Suite struct ICCTests {
    private let icc = ReadingRules(colour: .icc)

    private func converted(_ pixels: [UInt8], by profile: MadeProfile) throws -> [UInt8] {
        var pixels = pixels
        let transform = try ICCTransform(profile: [UInt8](profile.data))
        pixels.withUnsafeMutableBufferPointer { transform.apply(to: $0) }
        return pixels
    }

    private func isNear(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { abs(Int($0) - Int($1)) <= 6 }
    }

    @Test(arguments: ["scnr", "mntr"])
    func coloursBecomeWhatTheProfileSays(_ deviceClass: String) throws {
        let found = try converted([200, 60, 30, 30, 60, 200, 128, 128, 128], by: MadeProfile(deviceClass: deviceClass))
        #expect(isNear(found, [30, 60, 200, 200, 60, 30, 128, 128, 128]), "\(found)")
    }

    @Test(arguments: UInt32(0)..<4)
    func glassStaysWhiteByEveryIntent(_ intent: UInt32) throws {
        #expect(try converted([255, 255, 255], by: MadeProfile(intent: intent)) == [255, 255, 255])
    }

    @Test func manyPixelsAreConvertedAlike() throws {
        let count = 1_100_000
        let found = try converted([UInt8](repeating: 0, count: count * 3 - 3) + [200, 60, 30], by: MadeProfile())
        #expect(found.count == count * 3 && isNear(Array(found.suffix(3)), [30, 60, 200]))
    }

    @Test func aProfileThatIsDamagedOrOfSomethingElseIsRefusedByName() throws {
        let whole = [UInt8](MadeProfile().data)
        let damaged: [[UInt8]] = [
            [], Array(whole.prefix(100)), Array(whole.prefix(200)), [UInt8](repeating: 7, count: 500),
            [UInt8](MadeProfile(lacksCurves: true).data), [UInt8](MadeProfile(intent: 77).data),
        ]
        for bytes in damaged {
            let error = #expect(throws: SlideError.self) { _ = try ICCTransform(profile: bytes) }
            #expect(error?.message.hasPrefix("its ICC profile is damaged") == true)
        }
        for other in [MadeProfile(deviceClass: "prtr"), MadeProfile(space: "CMYK"), MadeProfile(deviceClass: "link")] {
            let error = #expect(throws: SlideError.self) { _ = try ICCTransform(profile: [UInt8](other.data)) }
            #expect(error?.code == .slideFormat)
            #expect(
                error?.message == "its ICC profile is none of an RGB scanner or display; take its colours as they are "
                    + "stored, with --colour stored"
            )
        }
    }

    @Test func aSlideWithoutAProfileKeepsItsColoursAndSaysSo() throws {
        try tissue().use { (path) throws in
            let (plain, asked) = (try Slide(path: path), try Slide(path: path, rules: icc))
            let place = (level: 0, x: 10, y: 20, width: 90, height: 70)
            #expect(
                try plain.read(level: place.level, x: place.x, y: place.y, width: place.width, height: place.height)
                    == asked.read(level: place.level, x: place.x, y: place.y, width: place.width, height: place.height)
            )
            var config = TilingConfig()
            (config.slideMPP, config.patchSize) = (0.5, 64)
            let id = try SlideID("a")
            #expect(try SlideTiling(of: plain, id: id, config: config).notes.isEmpty)
            #expect(
                try SlideTiling(of: asked, id: id, config: config).notes
                    == ["it has no ICC profile, and its colours are as they are stored"]
            )
        }
    }

    /// As OpenSlide 3 is, whichever one is loaded: a reader without the functions for it.
    @Test func aProfileThatNoReaderHandsOutIsRefusedByName() throws {
        var (aperio, generic, plain) = (tissue(), tissue(), tissue())
        // Aperio names the profile in words, too; OpenSlide 3 has no more than these, and of other TIFFs nothing.
        aperio.description = "Aperio Image Library\n|MPP = 0.5|ICC Profile = ScanScope v1"
        generic.iccProfile = MadeProfile().data
        plain.description = "nothing of colours"
        for (file, words) in [
            (aperio, "its ICC profile cannot be read: OpenSlide \(OpenSlideReader.version) cannot hand out"),
            (generic, "it has an ICC profile that its reader cannot hand out"), (plain, nil),
        ] {
            try file.use { (path) throws in
                let reader = try #require(try OpenSlideReader(path: path, profiles: nil))
                let account = try reader.account()
                #expect(account.hasICCProfile == (account.vendor == "aperio"))
                func transform(_ rules: ReadingRules) throws -> ICCTransform? {
                    let opening = SlideOpening(try SlideFiles(path), file: "made.tif", rules: rules)
                    return try opening.transform(of: (reader, account))
                }
                #expect(try transform(ReadingRules()) == nil)
                guard let words else { return #expect(try transform(icc) == nil) }
                let error = #expect(throws: SlideError.self) { try transform(icc) }
                #expect(error?.message.hasPrefix(words) == true && error?.code == .slideFormat)
                #expect(error?.message.hasSuffix("; \(WayOut.storedColours)") == true)
            }
        }
    }

    private func tissue() -> TestTIFF {
        TestTIFF(width: 256, height: 256) { x, y in
            (64..<192).contains(x) && (64..<192).contains(y) ? [180, UInt8(60 + (x ^ y) % 40), 150] : [240, 240, 240]
        }
    }
}

/// What needs a reader of TIFF beside OpenSlide.
@Suite(.enabled(if: OtherTIFFReader.isThere, "OpenSlide is the only reader of TIFF"))
struct ColourOfSlidesTests {
    @Test func pixelsAndPatchesAreConvertedWhoeverReadsThem() throws {
        var file = TestTIFF(width: MarkedJPEG.side, height: MarkedJPEG.side)
        file.jpeg = try MarkedJPEG(hasJFIF: true).stream(isRGB: false, .full)
        (file.jpegPhotometric, file.iccProfile) = (2, MadeProfile().data)
        try file.use { (path) throws in
            func pixel(_ rules: ReadingRules) throws -> RGB {
                try Slide(path: path, rules: rules).read(level: 0, x: 40, y: 128, width: 1, height: 1)[0, 0]
            }
            let (stored, converted) = (try pixel(ReadingRules()), try pixel(ReadingRules(colour: .icc)))
            #expect(stored.red > 200 && stored.blue < 60)
            #expect(converted.red < 60 && converted.blue > 200)
            let slide = try Slide(path: path, rules: ReadingRules(colour: .icc))
            let place = LevelRect(level: 0, x: 0, y: 0, width: 256, height: 256)
            let image = try slide.read(place, through: nil)
            #expect(try slide.readWithAlpha(place, through: nil).image == image)
            #expect(try slide.patch(at: PixelPoint(x: 0, y: 0), side: 256) == image)
            var reader = PatchReader(of: slide, grid: try PatchGrid(slide, patchSize: 256, [PixelPoint(x: 0, y: 0)]))
            #expect(try reader.nextBatch()?.pixels == image.pixels)
        }
    }

    @Test(.enabled(if: SharedData.has("field/slides/os1_bigtiff_rgb_tag.ome.tif"), "\(SharedData.absence)"))
    func aTagThatIsWrongChangesNoPixel() throws {
        let (wrong, right) = try (
            Slide(path: SharedData.path("field/slides/os1_bigtiff_rgb_tag.ome.tif")),
            Slide(path: SharedData.path("field/slides/os1_bigtiff_ycc.ome.tif"))
        )
        #expect(wrong.size == right.size)
        let (width, height) = (right.size.width, right.size.height)
        #expect(
            try wrong.read(level: 0, x: 0, y: 0, width: width, height: height)
                == right.read(level: 0, x: 0, y: 0, width: width, height: height)
        )
    }
}

enum OtherTIFFReader {
    static let isThere = SlideReading.all.filter { $0.formats.contains(.tiff) }.count > 1
}
