import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Which files are one slide, and what is none.
@Suite struct DICOMFolderTests {
    private func level(_ instance: String, _ pyramid: String?, _ factor: Int = 1) -> TestDICOM {
        var file = MadeDICOM.level(160 / factor, 128 / factor, factor: factor)
        (file.instance, file.pyramid) = (instance, pyramid)
        return file
    }

    @Test func aPyramidIsOneSlideWhicheverOfItsFilesIsOpened() throws {
        var label = level("1.1", nil)
        label.kind = "LABEL"
        var thumbnail = level("1.2", nil, 8)
        thumbnail.kind = "THUMBNAIL"
        let made = try MadeDICOM([
            "zz": level("1.3", nil), "b.txt": level("1.4", nil, 2), "1.2.3.567": level("1.5", nil, 4),
            "label.dcm": label, "thumb.dcm": thumbnail,
        ])
        try made.write(Data("no image".utf8), "notes.txt")
        for name in ["", "zz", "b.txt", "1.2.3.567"] {
            let slide = try made.open(name)
            #expect(slide.levels.map(\.size.width) == [160, 80, 40] && slide.levels.map(\.downsample) == [1, 2, 4])
            #expect(try slide.whole(1) == MadeDICOM.pixels(width: 80, height: 64, factor: 2))
        }
        let files = try SlideFiles(made.scratch.file("b.txt").path)
        #expect(files.main.lastPathComponent == "zz")
        #expect(files.companions.map(\.lastPathComponent) == ["b.txt", "1.2.3.567"])
        #expect(made.refusal("label.dcm")?.message.contains("a DICOM image of type LABEL, no level of a slide") == true)
    }

    @Test func twoPyramidsInAFolderAreTwoSlides() throws {
        let made = try MadeDICOM([
            "a": level("1.1", "7.2"), "b": level("1.2", "7.2", 2), "c": level("1.3", "7.1"),
            "d": level("1.4", "7.1", 4),
        ])
        #expect(try made.open("a").levels.map(\.size.width) == [160, 80])
        #expect(try made.open("d").levels.map(\.size.width) == [160, 40])
        let folder = try DICOMFolder(made.scratch.folder)
        #expect(folder.pyramids.map { $0.files.map(\.lastPathComponent) } == [["c", "d"], ["a", "b"]])
        let failure = try #require(made.refusal())
        #expect(failure.code == .slideFormat && failure.message.hasPrefix("a folder with 2 DICOM slides; name a file"))
    }

    @Test func aLinkToOneFileTakesTheOthersAlong() throws {
        let made = try MadeDICOM(["store/a": level("1.1", nil), "store/b": level("1.2", nil, 2)])
        try FileManager.default.createSymbolicLink(
            at: made.scratch.file("slide.dcm"),
            withDestinationURL: made.scratch.file("store/b")
        )
        #expect(try made.open("slide.dcm").levels.count == 2)
    }

    @Test func twoLevelsOfOneSizeAreRefused() throws {
        let made = try MadeDICOM(["a.dcm": level("1.1", nil), "b.dcm": level("1.2", nil)])
        let failure = try #require(made.refusal("a.dcm"))
        #expect(failure.code == .slideGeometry)
        #expect(failure.message.contains("two levels of 160 × 128 pixels in one DICOM pyramid"))
    }

    @Test func aLevelOfAnotherShapeIsRefused() throws {
        var other = MadeDICOM.level(80, 40)
        other.instance = "1.2"
        let made = try MadeDICOM(["a.dcm": level("1.1", nil), "b.dcm": other])
        let failure = try #require(made.refusal("b.dcm"))
        #expect(failure.message.contains("a level of 80 × 40 pixels in a DICOM pyramid of 160 × 128"))
    }

    /// What is refused, and the words that say why.
    @Test(arguments: [
        ("paths", ErrorCode.slideFormat, "the pixels are 2 optical paths"),
        ("planes", .slideFormat, "the pixels are 3 focal planes"),
        ("bits", .slideFormat, "the pixels are 12-bit RGB in 12 bits"),
        ("light", .slideFormat, "the pixels are 1 sample(s) of MONOCHROME1"),
        ("grey", .slideFormat, "the pixels are grey, 1 channel of 8 bits, 8-bit RGB"),
        ("frames", .slideOpen, "its level of 160 × 128 pixels has 4 frames for 6 tiles"),
        ("said", .slideOpen, "its pixels are 73728 bytes, too few for 9 frames"),
        ("place", .slideGeometry, "frame 0 lies at (1, 0), on no place of tiles of 64 × 64"),
        ("twice", .slideGeometry, "two frames at (0, 0): focal planes or optical paths"),
        ("order", .slideGeometry, "frame 5 lies where frame 0 would by the order of TILED_FULL"),
        ("palette", .slideFormat, "the pixels are 1 sample(s) of PALETTE COLOR"),
        (
            "JPEG-LS", .slideFormat,
            "its transfer syntax, JPEG-LS lossless, 1.2.840.10008.1.2.4.80, is not read; convert"
        ),
        ("unknown", .slideFormat, "its transfer syntax, unknown, 1.2.9, is not read; convert"),
        ("deflated", .slideFormat, "its transfer syntax, deflated explicit VR little endian"),
        ("size", .slideOpen, "it does not say how large its image is"),
    ])
    func eachKindThatIsNotReadIsNamed(kind: String, code: ErrorCode, words: String) throws {
        var file = level("1.1", nil)
        switch kind {
        case "paths": file.opticalPaths = 2
        case "planes": file.focalPlanes = 3
        case "bits": file.bits = 12
        case "light": (file.photometric, file.samples) = ("MONOCHROME1", 1)
        case "grey": (file.photometric, file.samples) = ("MONOCHROME2", 1)
        case "frames": file.frames.removeLast(2)
        case "said": file.saidFrames = 9
        case "place": file.places = file.frames.map { _ in (2, 1) }
        case "twice": file.places = file.frames.map { _ in (1, 1) }
        case "order": file.places = (0..<6).reversed().map { ($0 % 3 * 64 + 1, $0 / 3 * 64 + 1) }
        case "palette": (file.photometric, file.samples) = ("PALETTE COLOR", 1)
        case "JPEG-LS": file.transferSyntax = "1.2.840.10008.1.2.4.80"
        case "deflated": file.transferSyntax = "1.2.840.10008.1.2.1.99"
        case "size": file.width = 0
        default: file.transferSyntax = "1.2.9"
        }
        if !file.places.isEmpty, kind != "order" { file.organization = "TILED_SPARSE" }
        let failure = try #require(MadeDICOM(["a.dcm": file]).refusal("a.dcm"))
        #expect(failure.code == code && failure.message.contains(words), "\(failure.message)")
    }

    @Test func nothingOfThePatientLeavesTheFile() throws {
        let tags: [(UInt32, String)] = [
            (0x0008_0020, "DA"), (0x0008_0050, "SH"), (0x0008_0080, "LO"), (0x0008_0090, "PN"), (0x0008_1010, "SH"),
            (0x0010_0010, "PN"), (0x0010_0020, "LO"), (0x0010_0030, "DA"), (0x0010_4000, "LT"), (0x0018_1000, "LO"),
            (0x0020_0010, "SH"), (0x0040_0512, "LO"), (0x0040_A730, "LO"), (0x0048_0102, "LO"), (0x4008_0300, "ST"),
        ]
        func planted(_ file: TestDICOM) -> TestDICOM {
            var file = file
            file.planted = tags.enumerated().map { TestDICOM.Planted($1.0, $1.1, "PLANTED\($0)") }
            return file
        }
        var said: [String] = []
        let made = try MadeDICOM(["a.dcm": planted(level("1.1", nil)), "b.dcm": planted(level("1.2", nil, 2))])
        let slide = try made.open("a.dcm")
        let files = try SlideFiles(made.scratch.file("a.dcm").path)
        let reader = try #require(try DICOMReading.open(files, ReadingRules()))
        said.append(String(decoding: try JSONEncoder().encode(slide.facts), as: UTF8.self))
        said += [slide.vendor, "\(slide.notes)", "\(try reader.account())"]
        var refused = planted(level("1.3", nil))
        refused.photometric = "PLANTEDMONO"
        said.append(try MadeDICOM(["a.dcm": refused]).refusal("a.dcm")?.message ?? "")
        #expect(said.allSatisfy { !$0.isEmpty && !$0.contains("PLANTED") })
        // Only for a user who asks.
        #expect(try DICOMFolder.container(files.main) == "PLANTED11")
    }
}

/// Files that end early, lie or go in circles.
@Suite struct DICOMDamageTests {
    private func small() -> TestDICOM {
        var file = TestDICOM(instance: "1.1", width: 8, height: 8, frames: [Data(repeating: 9, count: 192)])
        (file.tileWidth, file.tileHeight, file.hasOpenSequences) = (8, 8, true)
        file.places = [(1, 1)]
        return file
    }

    @Test func aFileThatEndsEarlyIsRefusedWhereverItEnds() throws {
        let data = small().data()
        let made = try MadeDICOM([:])
        for length in stride(from: 132, to: data.count, by: 5) {
            try made.write(data.prefix(length), "a.dcm")
            let failure = try #require(made.refusal("a.dcm"), "\(length) of \(data.count) bytes")
            #expect([.slideOpen, .slideFormat].contains(failure.code) && !failure.message.contains("\n"))
        }
    }

    @Test func noChangedByteEndsTheProgram() throws {
        let data = small().data()
        let made = try MadeDICOM([:])
        for (index, value) in zip(132..<data.count, [UInt8](repeating: 0xFF, count: data.count)) {
            var changed = data
            changed[index] ^= value
            try made.write(changed, "a.dcm")
            guard let slide = try? made.open("a.dcm") else { continue }
            _ = try? slide.whole()
        }
    }

    @Test func sequencesInSequencesHaveAnEnd() throws {
        var file = small()
        let begin = Data([0x05, 0x00, 0x05, 0x00, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        let item = Data([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF])
        let nested = (0..<100_000).reduce(into: Data()) { nested, _ in nested += begin + item }
        file.frames = []
        var data = file.data()
        let start = try #require(data.range(of: Data([0x08, 0x00, 0x08, 0x00]))?.lowerBound)
        data.insert(contentsOf: nested, at: start)
        let made = try MadeDICOM([:])
        try made.write(data, "a.dcm")
        #expect(made.refusal("a.dcm")?.message.contains("its sequences are nested too deep") == true)
    }

    @Test func aFileOfTheRightNameThatIsNoDICOMIsRefused() throws {
        let made = try MadeDICOM([:])
        try made.write(Data("no image".utf8), "a.dcm")
        #expect(made.refusal("a.dcm")?.code == .slideOpen)
    }
}
