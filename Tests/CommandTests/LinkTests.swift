import Files
import Foundation
import Records
import Sample
import TestSupport
import Testing

/// Links in a job lead where its user has said, and nowhere else.
@Suite struct LinkTests {
    private let scratch: Scratch
    private var job: String { scratch["job"].path }

    init() throws {
        scratch = try Scratch()
        for folder in ["slides", "disk"] {
            try FileManager.default.createDirectory(at: scratch[folder], withIntermediateDirectories: true)
        }
        let image = try PixelArray(size: PixelSize(width: 640, height: 640), red: 190, green: 90, blue: 160)
        try PyramidWriter.write(image, to: scratch["slides/S1.svs"], options: PyramidOptions(levels: 1))
    }

    private func tile(_ flags: String...) throws -> Command {
        try Command.run(["tile", scratch["slides"].path, "--out", job] + flags)
    }

    private func link(_ path: String, to target: URL) throws {
        let url = scratch["job/\(path)"]
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: url)
        try FileManager.default.createSymbolicLink(at: url, withDestinationURL: target)
    }

    @Test func aFolderThatIsALinkOutOfTheJobIsRefusedBeforeAnyWorkUnlessItsTargetIsNamed() throws {
        try link("thumbnails", to: scratch["disk"])
        let refused = try tile()
        #expect(refused.exit == 5)
        #expect(
            refused.errorLines == [
                "wsi: error[E_UNSAFE_ID] \(job): thumbnails is a link out of the job; start with --follow-links FOLDER to allow it"
            ]
        )
        #expect(Scratch.tree(scratch["disk"]).isEmpty && Scratch.tree(scratch["job"]).isEmpty)
        // The worker that writes the picture has it from the command.
        let allowed = try tile("--follow-links", scratch["disk"].path)
        #expect(allowed.exit == 0, "\(allowed.errors)")
        #expect(Scratch.tree(scratch["disk"]).keys.sorted() == ["S1.jpg"])
        let dry = try Command.run("features", job, "--encoder", "he-texture-v1")
        #expect(dry.exit == 5, "\(dry.errors)")
        let wrong = try tile("--follow-links", scratch["nothing"].path)
        #expect(wrong.exit == 2, "\(wrong.errors)")
    }

    @Test func aFileThatIsALinkIsReplacedAndItsTargetLeftAlone() throws {
        let other = try scratch.write("mine", to: "disk/other.jpg")
        try link("thumbnails/S1.jpg", to: other)
        let tiled = try tile()
        #expect(tiled.exit == 0, "\(tiled.errors)")
        #expect(try String(contentsOf: other, encoding: .utf8) == "mine")
        #expect(try Data(contentsOf: scratch["job/thumbnails/S1.jpg"]).starts(with: [0xFF, 0xD8]))
    }

    @Test func aJobMayItselfBeALink() throws {
        try FileManager.default.createSymbolicLink(at: scratch["job"], withDestinationURL: scratch["disk"])
        let tiled = try tile()
        #expect(tiled.exit == 0, "\(tiled.errors)")
        #expect(Scratch.tree(scratch["disk"]).keys.contains("thumbnails/S1.jpg"))
    }
}
