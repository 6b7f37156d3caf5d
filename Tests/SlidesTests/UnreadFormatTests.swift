import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Slides

/// What no reader takes is named, with what to do.
@Suite struct UnreadFormatTests {
    /// A file of a row, and what its message has to have.
    struct Made: CustomTestStringConvertible {
        var file: String
        var bytes: [UInt8]
        var name: String
        var wayOut: String
        /// A folder beside it.
        var folder: String?

        init(_ file: String, _ text: String, _ name: String, _ wayOut: String, folder: String? = nil) {
            self.init(file, Array(text.utf8), name, wayOut, folder: folder)
        }

        init(_ file: String, _ bytes: [UInt8], _ name: String, _ wayOut: String, folder: String? = nil) {
            (self.file, self.bytes, self.name, self.wayOut, self.folder) = (file, bytes, name, wayOut, folder)
        }

        var testDescription: String { file }
    }

    private static let noise: [UInt8] = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
    private static let tiff: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    /// At least one for each row of the table.
    static let made: [Made] = noFiles + scanners + others

    private static let noFiles = [
        Made("a.svs", [UInt8](repeating: 0, count: 9000), "nothing but zeros", "copy it again"),
        Made("b.svs", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS", "git lfs pull"),
        Made("c.svs", "/annex/objects/SHA256E-s1--0.svs\n", "git-annex", "git annex get"),
        Made("._d.svs", [0, 5, 0x16, 7, 0, 2, 0, 0], "AppleDouble", "without ._"),
        Made(".e.svs.icloud", "bplist00", "iCloud", "downloaded"),
        Made("f.svs.part", tiff, "not at its end", "let the download end"),
        Made("g.svs", "\u{FEFF}\n<!DOCTYPE html>\n<html>", "an HTML page", "download the slide again"),
        Made(
            "h.svs",
            "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>",
            "error message",
            "download the slide again"
        ),
        Made("i.svs", "crypt4gh\u{1}", "encrypted", "decrypt it"),
    ]

    private static let scanners = [
        Made("a.mrxs", [0xFF, 0xD8, 0xFF, 0xE0], "MIRAX without its folder a,", "copy it beside the file"),
        Made("a.vsi", tiff, "Olympus VSI without its folder _a_,", "QuPath"),
        Made("b.vsi", tiff, "Olympus VSI,", "export it as OME-TIFF", folder: "_b_"),
        Made("frame_t.ets", "SIS\0", "pixels of an Olympus VSI", "export the .vsi"),
        Made("a.czi", Array("ZISRAWFILE".utf8) + noise, "Zeiss CZI", "OpenSlide 4.0.1"),
        Made("a.zvi", [0xD0, 0xCF, 0x11, 0xE0], "Zeiss ZVI", "OME-TIFF"),
        Made("wrong.tif", "<DataObject ObjectType=\"DPUfsImport\">", "Philips iSyntax", "isyntax2raw"),
        Made("a.kfb", noise, "KFB", "KFBio's"), Made("a.sdpc", noise, "SDPC", "Sqray's"),
        Made("wrong.svs", "TMAP06", "TMAP", "SVS or TIFF"), Made("a.mdsx", noise, "Motic MDS", "Motic's"),
        Made("a.afi", "<?xml version=\"1.0\"?><ImageList>", "AFI", "fluorescence is not read"),
        Made("a.lif", noise, "Leica LIF", "LAS X"),
        Made("a.dat", [0xDA, 0xCE, 0xBE, 0x0A], "Nikon ND2", "NIS-Elements"),
        Made("a.oir", "OLYMPUSRAWFORMAT", "Olympus OIR", "OME-TIFF"),
        Made("a.nii", noise, "NIfTI", "leave it out"),
        Made("DICOMDIR", [UInt8](repeating: 0, count: 128) + Array("DICM".utf8), "DICOMDIR", "which it lists"),
    ]

    private static let others = [
        Made("a.zip", noise, "a ZIP archive", "unpack it"),
        Made("a.svs", [0x50, 0x4B, 3, 4, 20], "a ZIP archive", "unpack it"),
        Made("a.7z", noise, "7z archive", "unpack it"), Made("a.rar", noise, "RAR archive", "unpack it"),
        Made("a.svs", noise[..<257] + Array("ustar".utf8), "tar archive", "unpack it"),
        Made("a.svs.gz", [0x1F, 0x8B, 8], "a gzip file", "unpack it"), Made("a.bz2", noise, "bzip2 file", "unpack it"),
        Made("a.xz", noise, "xz file", "unpack it"), Made("a.zst", noise, "Zstandard file", "unpack it"),
        Made("a.svs", [0xFF, 0xD8, 0xFF, 0xE0], "a plain JPEG picture", "vips tiffsave"),
        Made("a.tif", [0x89, 0x50, 0x4E, 0x47], "a plain PNG picture", "--slide-mpp"),
        Made("a.gif", noise, "GIF picture", "vips"), Made("a.webp", noise, "WebP picture", "vips"),
        Made("a.jp2", noise, "JPEG 2000 picture", "vips"), Made("a.bmp", noise, "a plain BMP picture", "vips"),
        Made("a.pdf", "%PDF-1.7", "a PDF document", "name the slide"),
        Made("a.tif", [0x89, 0x48, 0x44, 0x46], "an HDF5 file", "name the slide itself"),
        Made("a.csv", "slide_id,label\n", "a table", "--list"),
    ]

    private func refusal(_ url: URL) -> Failure {
        do { _ = try Slide(path: url.path) } catch { return Failure(error) }
        return Failure(.bug, nil, "it opened")
    }

    @Test(arguments: made) func aFileOfEachRowIsNamedWithTheWayOut(made: Made) throws {
        let scratch = try Scratch()
        let url = scratch.file(made.file)
        try Data(made.bytes).write(to: url)
        if let folder = made.folder {
            try FileManager.default.createDirectory(at: scratch.file(folder), withIntermediateDirectories: false)
        }
        let refused = refusal(url)
        #expect(refused.code == .slideFormat, "\(refused.message)")
        let words = refused.message.split(separator: ", which is not read; ", maxSplits: 1)
        try #require(words.count == 2, "\(refused.message)")
        #expect("\(words[0]),".contains(made.name) && words[1].contains(made.wayOut), "\(refused.message)")
        #expect(!refused.message.contains("\n") && !refused.message.contains("re-copy"))
    }

    @Test func everyRowHasAFile() {
        let left = UnreadFormat.all.filter { format in
            !Self.made.contains { made in
                UnreadFormat.of(URL(filePath: "/x/\(made.file)"), head: Data(made.bytes))?.name == format.name
            }
        }
        // The folder of an OME-Zarr is none of these files, and a TIFF is told by its tags.
        #expect(left.map(\.name) == ["OME-Zarr", "DICOM of this kind", "TIFF"])
        let dicom = Data([UInt8](repeating: 0, count: 128) + Array("DICM".utf8))
        #expect(UnreadFormat.of(URL(filePath: "/x/a.dcm"), head: dicom)?.name == "DICOM of this kind")
        for format in UnreadFormat.all { #expect(format.endings == format.endings.map { $0.lowercased() }.sorted()) }
        let endings = UnreadFormat.all.flatMap(\.endings)
        #expect(Set(endings).count == endings.count)
    }

    @Test func aFolderThatIsOneSlideIsNamedToo() throws {
        let scratch = try Scratch()
        for name in ["a.ome.zarr", "slides"] {
            try FileManager.default.createDirectory(at: scratch.file(name), withIntermediateDirectories: false)
        }
        #expect(
            refusal(scratch.file("a.ome.zarr")).message.hasPrefix("OME-Zarr, which is not read; convert it to OME-TIFF")
        )
        #expect(refusal(scratch.file("slides")).message.hasPrefix("a folder, which is not read; "))
    }

    @Test func whatNothingTellsIsNoCopyGoneWrong() throws {
        let scratch = try Scratch()
        try Data(Self.noise).write(to: scratch.file("scan.data"))
        let refused = refusal(scratch.file("scan.data"))
        #expect(
            refused.code == .slideOpen && refused.message.contains("(scan.data, 600 bytes); compare it with its source")
        )
    }

    @Test func scannersFormatsAreDocumented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/slides.md")
        let document = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
        for format in UnreadFormat.scanners where !format.endings.isEmpty && format.name != "TIFF" {
            let row = "\n| \(format.name) | \(format.endings.joined(separator: ", ")) | "
            #expect(document.contains(row), "\(row)")
        }
        #expect(document.contains(WayOut.command))
    }

    @Test func endingsOfScannersMayStandAtNamesInTables() {
        for ending in [
            "afi", "btf", "czi", "ets", "isyntax", "jp2", "jpeg", "jpg", "kfb", "lif", "mds", "nd2", "ome", "oir",
            "png", "ptif",
            "qptiff", "sdpc", "tmap", "vsi", "zarr", "zvi",
        ] {
            #expect(SlideExtensions.removed(from: "a.\(ending)") == "a")
        }
        #expect(SlideExtensions.removed(from: "a.zip") == nil)
    }
}

/// TIFFs that no reader takes, by what stands in their directories.
@Suite struct UnreadTIFFTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A TIFF of one directory in one strip without bytes, unless a tag says otherwise.
    private func tiff(_ tags: [UInt16: UInt32], text: String? = nil, cutTo length: Int? = nil) throws -> UnreadTIFF? {
        var entries: [UInt16: (type: UInt16, count: UInt32, value: UInt32)] = [
            256: (4, 1, 1000), 257: (4, 1, 800), 258: (4, 1, 8), 259: (4, 1, 1), 262: (4, 1, 2), 273: (4, 1, 8),
            277: (4, 1, 3),
            279: (4, 1, 4),
        ]
        for (tag, value) in tags { entries[tag] = (4, 1, value) }
        let characters = Array((text ?? "none").utf8) + [0]
        entries[270] = (2, UInt32(characters.count), UInt32(14 + (entries.count + 1) * 12))
        var bytes = Data([0x49, 0x49, 42, 0, 8, 0, 0, 0])
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        add(UInt16(entries.count))
        for (tag, entry) in entries.sorted(by: { $0.key < $1.key }) {
            add(tag)
            add(entry.type)
            add(entry.count)
            add(entry.value)
        }
        add(UInt32(0))
        bytes += characters
        let url = scratch.file("made.tif")
        try (length.map { bytes.prefix($0) } ?? bytes).write(to: url)
        return try UnreadTIFF(OpenFile(url))
    }

    private func name(_ found: UnreadTIFF?) -> String {
        switch found {
        case .kind(let name, let wayOut): "\(name); \(wayOut)"
        case .cut(let reason): "cut: \(reason)"
        case nil: "no TIFF"
        }
    }

    @Test func whatIsNotReadIsNamedByItsTags() throws {
        #expect(
            name(try tiff([256: 12_000, 257: 9000])).hasPrefix(
                "a TIFF of 12000 × 9000 pixels in strips, more than 100 million"
            )
        )
        #expect(name(try tiff([256: 12_000, 257: 9000])).contains("vips tiffsave IN OUT.tif --tile --pyramid"))
        #expect(name(try tiff([258: 12, 259: 7])).hasPrefix("a TIFF of 12-bit JPEG; "))
        #expect(
            name(try tiff([258: 16, 277: 1])).hasPrefix("a TIFF of 1 channel of 16 bits; export the slide as 8-bit RGB")
        )
        #expect(name(try tiff([258: 32, 339: 3])).hasPrefix("a TIFF of 3 channels of 32 floating-point bits; "))
        #expect(
            name(try tiff([259: 34_887])).hasPrefix(
                "a TIFF of 1000 × 800 pixels in strips with compression 34887; convert it"
            )
        )
    }

    @Test func channelsAreCounted() throws {
        let wanted = "a TIFF of 5 channels, as of fluorescence or multiplexed stains; leave it out"
        #expect(name(try tiff([277: 5])).hasPrefix(wanted))
        #expect(name(try tiff([277: 1], text: "ImageJ=1.5\nimages=5\nchannels=5\n")).hasPrefix(wanted))
        let ome = "<OME><Image><Pixels SizeX=\"1000\" SizeY=\"800\" SizeC=\"5\"/></Image></OME>"
        #expect(name(try tiff([277: 1, 258: 16], text: ome)).hasPrefix(wanted))
        // The colours of one picture.
        #expect(!name(try tiff([277: 3], text: ome.replacing("\"5\"", with: "\"3\""))).contains("channels"))
    }

    @Test func onlyWhatLacksBytesIsToBeCopiedAgain() throws {
        #expect(name(try tiff([:], cutTo: 60)) == "cut: the TIFF ends before its directories do")
        #expect(name(try tiff([:], cutTo: 8)) == "cut: the TIFF ends before its directories do")
        #expect(
            name(try tiff([:], text: "a longer text", cutTo: 124)) == "cut: the TIFF ends before its directories do"
        )
        #expect(name(try tiff([279: 70_000])).hasPrefix("cut: the TIFF ends before its pixels do, at byte "))
        #expect(
            name(try tiff([273: .max, 279: 0])).hasPrefix("a TIFF of"),
            "a strip without bytes is left out by its writer"
        )
    }

    @Test func aSlideThatIsCutShortIsToBeCopiedAgain() throws {
        let url = scratch.file("cut.svs")
        try TestTIFF(width: 300, height: 200).data().prefix(70_000).write(to: url)
        let refused = #expect(throws: SlideError.self) { try Slide(path: url.path) }
        #expect(refused?.code == .slideOpen)
        #expect(
            refused?.message.hasSuffix("(cut.svs, 70000 bytes); re-copy it from its source") == true,
            "\(refused?.message ?? "")"
        )
    }
}
