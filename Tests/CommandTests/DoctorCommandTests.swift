import Foundation
import TestSupport
import Testing

@Suite struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Line: Decodable {
            var verdict: String
            var subject: String
            var text: String
            var fix: String?
        }

        var lines: [Line]
    }

    @Test func thisMachineIsToldLineByLine() throws {
        let scratch = try Scratch()
        let result = try Command.run("doctor", scratch["job"].path)
        #expect([0, 2, 75].contains(result.exit) && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.last?.hasPrefix("doctor: ") == true)
        for subject in [
            "wsi-compute", "LibTorch", "OpenSlide", "HDF5", "processor", "memory", "GPU", "job", "pictures",
        ] {
            let line = lines.first { $0.dropFirst(6).hasPrefix(subject) }
            #expect(line.map { ["ok  ", "warn", "fail"].contains(String($0.prefix(4))) } == true, "\(subject)")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
        let read = try JSONDecoder().decode(
            Report.self,
            from: Data(Command.run("doctor", "--json").output.utf8)
        )
        // What was built together fits together.
        #expect(read.lines.first { $0.subject == "wsi-compute" }?.verdict == "ok")
        #expect(read.lines.allSatisfy { ($0.fix == nil) == ($0.verdict == "ok") })
    }

    @Test func whatIsMissingFailsWithWhatMendsIt() throws {
        let long = "/tmp/" + String(repeating: "x", count: 90)
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: long) }
        let socket = try Command.run(["doctor"], environment: ["TMPDIR": long])
        #expect(socket.exit == 2)
        #expect(socket.output.contains("set TMPDIR to a shorter path"), "\(socket.output)")
        let font = try Command.run(["doctor"], environment: ["WSI_FONT": "/none.ttf"])
        #expect(font.exit == 2)
        #expect(font.output.contains("\nfail  pictures"), "\(font.output)")
        let leaflet = try Command.run(["doctor"], environment: ["WSI_LEAFLET": "/none"])
        #expect(leaflet.output.contains("\nwarn  review page"))
        let scratch = try Scratch()
        let file = try scratch.write("x", to: "file")
        #expect(try Command.run("doctor", file.path).exit == 2)
    }
}
