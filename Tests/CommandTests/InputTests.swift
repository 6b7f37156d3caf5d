import Foundation
import Records
import Sample
import TestSupport
import Testing

/// What users have on disk: links, pipes, names that no id can be, slides without tissue.
@Suite struct InputTests {
    private let scratch: Scratch
    private var job: String { scratch["job"].path }

    init() throws { scratch = try Scratch() }

    private func slide(_ path: String, red: UInt8 = 190, quality: Int = 80) throws {
        let url = scratch[path]
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let image = try PixelArray(
            size: PixelSize(width: 640, height: 640),
            red: red,
            green: red == 190 ? 90 : red,
            blue: red == 190 ? 160 : red
        )
        try PyramidWriter.write(image, to: url, options: PyramidOptions(levels: 1, quality: quality))
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: scratch[path].path, withDestinationPath: target)
    }

    private func outcome(_ id: String) throws -> String {
        let data = try #require(Scratch.tree(scratch["job"])["outcomes/tile/\(id).json"])
        return String(decoding: data, as: UTF8.self)
    }

    @Test func whatCannotBeASlideIsSaidAndTheOthersAreDone() throws {
        try slide("store/0001")
        try slide("slides/good.svs", quality: 70)
        try slide("slides/a$b.svs", quality: 71)
        try link("slides/linked.svs", to: "../store/0001")
        try link("slides/dead.svs", to: "nowhere.svs")
        #expect(mkfifo(scratch["slides/pipe.svs"].path, 0o600) == 0)
        _ = try scratch.write("another scanner's", to: "slides/x.vsi")
        try link("door", to: "slides")

        let tiled = try Command.run("tile", scratch["door"].path, "--out", job)
        #expect(tiled.exit == 3, "\(tiled.errors)")
        #expect(tiled.errors.contains("door: not considered: 1 .vsi (Olympus VSI, not readable)\n"))
        #expect(tiled.errors.contains("tile: 5 slides: 2 ok, 0 empty, 3 failed"), "\(tiled.errors)")
        #expect(
            tiled.errorLines.contains {
                $0.hasPrefix("wsi: error[E_UNSAFE_ID] 1 slide(s) have names") && $0.contains("'a$b.svs'")
            }
        )
        #expect(tiled.errorLines.contains { $0.hasPrefix("wsi: error[E_NOT_FOUND] dead: ") })
        #expect(
            tiled.errorLines.contains { $0.hasPrefix("wsi: error[E_SLIDE_OPEN] pipe: ") && $0.contains("a named pipe") }
        )
        // The size is the slide's, not the link's.
        let bytes = try Data(contentsOf: scratch["store/0001"]).count
        #expect(try outcome("linked").contains("\"file_bytes\" : \(bytes)"))

        let dry = try Command.run("tile", scratch["slides"].path, "--out", scratch["dry"].path, "--dry-run")
        #expect(dry.exit == 3)
        #expect(dry.output.hasPrefix("tile: 4 slide(s) to do, 0 done, 3 would fail\n"), "\(dry.output)")
    }

    @Test func theWayOutOfAnUnsafeNameIsAList() throws {
        try slide("slides/a$b.svs")
        let list = try scratch.write("wsi,slide_id\nslides/a$b.svs,ab\n", to: "list.csv")
        let tiled = try Command.run("tile", "--list", list.path, "--out", job)
        #expect(tiled.exit == 0, "\(tiled.errors)")
        #expect(try outcome("ab").contains("\"status\" : \"ok\""))
    }

    @Test(arguments: ["list.csv", "mpp.csv", "study.json"])
    func aPipeInPlaceOfATableIsRefusedAtOnce(name: String) throws {
        try slide("a.svs")
        #expect(mkfifo(scratch[name].path, 0o600) == 0)
        let result =
            switch name {
            case "list.csv": try Command.run("tile", "--list", scratch[name].path, "--out", job)
            case "mpp.csv":
                try Command.run("tile", scratch["a.svs"].path, "--mpp-csv", scratch[name].path, "--out", job)
            default: try Command.run("run", "--config", scratch[name].path, "--out", job)
            }
        #expect(result.exit == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains("a named pipe, no regular file"), "\(result.errors)")
    }

    @Test func aRunOfEmptySlidesSaysWhereItStoppedAndIsNoSuccess() throws {
        var labels = "slide_id,case_id,label\n"
        for index in 0..<6 {
            try slide("slides/s\(index).svs", red: 243, quality: 70 + index)
            labels += "s\(index),c\(index),\(index % 2)\n"
        }
        _ = try scratch.write(labels, to: "labels.csv")
        let config = try scratch.write(
            #"{"cohort": {"slides": "slides", "labels": "labels.csv", "folds": 2}, "model": {"kind": "abmil"}}"#,
            to: "study.json"
        )
        let result = try Command.run("run", "--config", config.path, "--out", job)
        #expect(result.exit == 3, "\(result.errors)")
        #expect(result.errors.contains("  empty, 6 (s0, s1, s2, s3, s4, …): "), "\(result.errors)")
        #expect(result.errorLines.count == 1)
        #expect(
            result.errorLines.first?.hasPrefix(
                "wsi: error[E_TRAINING] tile: the run stops here: no slide has a result (6 empty, 0 failed)"
            ) == true
        )
        #expect(result.errorLines.first?.hasSuffix("nothing was trained") == true)
        let status = try Command.run("status", job)
        #expect(status.output.contains("  empty, 6 (s0, s1, s2, s3, s4, …): "), "\(status.output)")
    }
}
