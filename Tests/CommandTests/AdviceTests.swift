import Config
import Files
import Foundation
import Pipeline
import Records
import Sample
import Storage
import TestSupport
import Testing

/// What messages advise works for the command that was called.
@Suite struct AdviceTests {
    private static let tree = Result<CommandTree, any Error> {
        try CommandTree(description: Data(Command.run("--experimental-dump-help").output.utf8))
    }

    /// Every text of the program's sources that names a flag or a key, as it stands there.
    private static let messages: [String] = {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
            .standardizedFileURL
        let walker = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        let files = (walker?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
        return files.flatMap { file -> [String] in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            return lines.flatMap { $0.matches(of: /"(?:[^"\\]|\\.)*"/).map { String($0.output) } }
                .filter { $0.contains(/\B--[a-z]/.wordBoundaryKind(.simple)) }
        }
    }()

    /// What nvidia-smi is asked with, how vips and gdcmconv convert slides, how an encrypted file begins, and how Slurm, Docker and
    /// Apptainer give a GPU.
    private static let ofOtherPrograms: Set = [
        "--query-gpu", "--format", "--tile", "--pyramid", "--compression", "--bigtiff", "--raw", "--begin",
        "--gres", "--gpus", "--nv",
    ]

    private static func flags(in text: String) -> [String] {
        text.matches(of: /\B--[a-z][a-z0-9-]*[a-z0-9]/.wordBoundaryKind(.simple)).map { String($0.output) }
            .filter { !ofOtherPrograms.contains($0) }
    }

    @Test func everyFlagThatTheSourcesNameIsOneOfACommand() throws {
        let tree = try Self.tree.get()
        let known = tree.flags.values.reduce(into: Set(["--help"])) { $0.formUnion($1) }
        #expect(Self.messages.count > 20)
        for message in Self.messages {
            for flag in Self.flags(in: message) { #expect(known.contains(flag), "\(message)") }
        }
    }

    /// For every command and every message, whether or not the one can say the other.
    @Test func noCommandAdvisesAFlagThatItLacks() throws {
        let tree = try Self.tree.get()
        let written = /wsi ([a-z]+)( [a-z]+)?(?:(?! wsi )[^;,()])*/
        for (command, own) in tree.flags where !command.isEmpty {
            let advice = Advice(tree, for: command)
            for message in Self.messages {
                let said = advice.text(message)
                for part in said.matches(of: written) {
                    let (name, below) = (String(part.1), part.2.map { "\(part.1)\($0)" } ?? "")
                    let taken = (below.isEmpty ? nil : tree.flags[below]) ?? tree.flags[name] ?? []
                    #expect(taken.isSuperset(of: Self.flags(in: String(part.0))), "wsi \(command): \(said)")
                }
                let rest = said.replacing(written, with: "")
                #expect(own.union(["--help"]).isSuperset(of: Self.flags(in: rest)), "wsi \(command): \(said)")
            }
        }
    }

    @Test func everySettingIsAFlagOfItsCommandsAndAKeyOfAConfig() throws {
        let tree = try Self.tree.get()
        for setting in Setting.all {
            let takers = tree.flags.filter { $0.value.contains(setting.flag) }.map(\.key)
            #expect(!takers.isEmpty && Set(setting.commands).isSubset(of: takers), "\(setting)")
            guard let key = setting.key else { continue }
            // An object where a value is wanted is of the wrong type, but only where the key is known.
            let words = key.split(separator: ".").map(String.init)
            let value: [String: Any] = words.dropFirst(2).reversed().reduce(["no": "such"]) { [$1: $0] }
            var config: [String: [String: Any]] = [
                "cohort": ["labels": "l"], "features": ["path": "f"], "model": ["kind": "abmil"],
            ]
            config[words[0], default: [:]][words[1]] = value
            let text = try JSONSerialization.data(withJSONObject: config)
            let error = #expect(throws: ConfigError.self) {
                try JSONDecoder().decode(PipelineConfig.self, from: text)
            }
            #expect(error?.message.contains("unknown key") == false, "\(setting): \(error?.message ?? "")")
        }
        for key in TilingConfig.CodingKeys.allCases where key != .mask {
            #expect(Setting.all.contains { $0.key == "tiling.\(key.rawValue)" }, "\(key) has no flag")
        }
    }

    /// Eight small slides, one of which does not say its µm per pixel, and two configs of a study of them.
    private static let study = Result<Scratch, any Error> {
        let scratch = try Scratch()
        let image = try PixelArray(size: PixelSize(width: 640, height: 640), red: 190, green: 90, blue: 160)
        var labels = "slide_id,case_id,label\n"
        for (number, name) in ["without", "a", "b", "c", "d", "e", "f", "g"].enumerated() {
            var options = PyramidOptions(levels: 1, quality: 70 + number)
            if name == "without" { options.description = .aperioWithoutScale }
            try PyramidWriter.write(image, to: scratch["slides/\(name).svs"], options: options)
            labels += "\(name),\(number),\(number % 2)\n"
        }
        _ = try scratch.write(labels, to: "labels.csv")
        _ = try scratch.write("slide_id,mpp\nwithout,0.5\n", to: "scanner.csv")
        for (name, tiling) in [("plain", ""), ("table", #""mpp_csv": "scanner.csv""#)] {
            let cohort = #"{"slides": "slides", "labels": "labels.csv", "folds": 2, "val_fraction": 0.4}"#
            let text = #"{"cohort": \#(cohort), "model": {"kind": "abmil"}, "tiling": {\#(tiling)}}"#
            _ = try scratch.write(text, to: "\(name).json")
        }
        return scratch
    }

    private func dryRun(_ scratch: Scratch, _ config: String, _ more: String...) throws -> Command {
        try Command.run(
            ["run", "--config", scratch["\(config).json"].path, "--out", scratch["none"].path, "--dry-run"] + more
        )
    }

    @Test func aStudyWhoseSlideSaysNoScaleIsToldTheFlagsAndKeysThatHelp() throws {
        let scratch = try Self.study.get()
        let refused = try dryRun(scratch, "plain")
        #expect(refused.exit == 3)
        let line = try #require(refused.errorLines.first)
        #expect(line.hasPrefix("wsi: error[E_MPP_MISSING] without: "))
        #expect(line.contains("--slide-mpp 0.5 (tiling.slide_mpp in the config)"))
        #expect(line.contains("--mpp-csv (tiling.mpp_csv in the config)"))
        let table = scratch["scanner.csv"].path
        for help in [["--slide-mpp", "0.5"], ["--mpp-csv", table]] {
            let taken = try dryRun(scratch, "plain", help[0], help[1])
            #expect(taken.exit == 0, "\(taken.errors)")
            #expect(taken.output.hasPrefix("tile: 8 slide(s) to do, 0 done, 0 would fail\n"))
            let checked = try Command.run("check", "--config", scratch["plain.json"].path, help[0], help[1])
            #expect(!checked.errors.contains("scanner.csv"))
        }
    }

    @Test func theTableOfAConfigIsReadFromBesideIt() throws {
        let scratch = try Self.study.get()
        let taken = try dryRun(scratch, "table")
        #expect(taken.exit == 0, "\(taken.errors)")
        #expect(taken.output.hasPrefix("tile: 8 slide(s) to do, 0 done, 0 would fail\n"))
    }

    @Test func aTableThatIsNotThereIsAProblemOfTheStudyAndOfItsCheck() throws {
        let scratch = try Self.study.get()
        for arguments in [["run", "--out", scratch["none"].path], ["check"]] {
            let config = ["--config", scratch["plain.json"].path, "--mpp-csv", scratch["gone.csv"].path]
            let refused = try Command.run(arguments + config)
            #expect(refused.exit == 2)
            #expect(refused.errorLines.contains { $0.contains("gone.csv") }, "\(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch["none"].path))
    }

    @Test func onlyTheSlidesThatATableNamesAreTiledAgainWhenItChanges() throws {
        let scratch = try Self.study.get()
        let (job, table) = (scratch["tiled"].path, try scratch.write("slide_id,mpp\nwithout,0.5\n", to: "own.csv"))
        func tile(_ more: String...) throws -> Command {
            try Command.run(["tile", scratch["slides"].path, "--out", job, "--mpp-csv", table.path] + more)
        }
        #expect(try tile().exit == 0)
        _ = try scratch.write("slide_id,mpp\nwithout,0.4\n", to: "own.csv")
        let refused = try tile()
        #expect(refused.exit == 4)
        #expect(
            refused.errorLines.first?.contains(
                "E_FINGERPRINT] without: tile: a result of another configuration is in the way: slide_mpp 0.5, now 0.4; "
                    + "--redo makes it again (1 slide, about "
            ) == true,
            "\(refused.errors)"
        )
        let again = try tile("--redo")
        #expect(again.errors.contains("8 slides: 8 ok, 0 empty, 0 failed (7 were already done)"), "\(again.errors)")
        // What failed is told by status in the words of the stage's command.
        _ = try scratch.write("slide_id,mpp\na,0.25\n", to: "own.csv")
        #expect(try tile("--redo").exit == 3)
        let status = try Command.run("status", job)
        #expect(status.output.contains("give it with wsi tile --slide-mpp 0.5"), "\(status.output)")
    }
}
