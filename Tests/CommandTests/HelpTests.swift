import Files
import Foundation
import Imaging
import Pipeline
import Records
import TestSupport
import Testing

/// What the program says about itself, and to whom mistypes.
@Suite struct HelpTests {
    private static let commands = Result<[String], any Error> {
        try CommandTree(description: Data(Command.run("--experimental-dump-help").output.utf8)).flags.keys.sorted()
    }

    private func help(_ command: String, columns: Int) throws -> [String] {
        let arguments = command.split(separator: " ").map(String.init) + ["--help"]
        let help = try Command.run(arguments, environment: ["COLUMNS": "\(columns)"])
        #expect(help.exit == 0)
        return help.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func everyCommandHasHelpWithAnExampleOfItself() throws {
        for command in try Self.commands.get() {
            let lines = try help(command, columns: 100)
            let start = try #require(lines.firstIndex { $0.hasPrefix("Example") }, "wsi \(command)")
            #expect(lines[start...].contains { $0.hasPrefix("  wsi \(command)") }, "wsi \(command)")
        }
    }

    @Test func helpOfTilesNamesEveryFormatAndEveryColumn() throws {
        let words = try help("tile", columns: 100).joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("(bif, dcm, mrxs, ndpi, qptiff, scn, svs, svslide, tif, tiff, vms, vmu)"))
        for column in QualityColumn.all {
            #expect(words.contains(" \(column.name), \(column.unit): \(column.meaning)"), "\(column.name)")
        }
    }

    @Test(arguments: [50, 80, 132])
    func helpFillsTheWidthOfTheTerminal(_ columns: Int) throws {
        for command in try Self.commands.get() {
            let lines = try help(command, columns: columns)
            for line in lines where line.contains(" ") {
                let fits = line.count <= columns || !line.drop { $0 == " " }.contains(" ")
                #expect(fits, "wsi \(command): \(line)")
            }
            // Prose is broken where the next word does not fit, and nowhere else.
            let overview = lines.prefix { !$0.hasPrefix("USAGE") }
            for (line, next) in zip(overview, overview.dropFirst()) where !line.isEmpty && !line.hasPrefix(" ") {
                guard !line.hasSuffix(":"), let word = next.split(separator: " ").first, !next.hasPrefix(" ") else {
                    continue
                }
                #expect(line.count + 1 + word.count > columns, "wsi \(command): \(line)|\(next)")
            }
        }
    }

    @Test(arguments: ["tile", "evaluate"]) func helpNamesEveryFormatOfAnnotations(_ command: String) throws {
        let words = try help(command, columns: 100).flatMap { $0.split(separator: " ") }
        #expect(words.joined(separator: " ").contains(AnnotatedRegions.formats))
    }

    @Test func helpNamesEveryColourMap() throws {
        let text = try help("heatmap", columns: 100).flatMap { $0.split(separator: " ") }.joined(separator: " ")
        for name in ColourMap.Name.allCases { #expect(text.contains(name.title), "\(name)") }
    }

    @Test(arguments: [
        (["tiles", "x.svs"], "there is no command 'tiles'; did you mean wsi tile?"),
        (["heatmpa", "job"], "did you mean wsi heatmap?"),
        (["frobnicate"], "there is no command 'frobnicate'; see wsi --help"),
        (["encoder", "trsut", "x"], "there is no command 'trsut'; did you mean wsi encoder trust?"),
        (["tile", "x.svs", "--out", "j", "--pacth-size", "256"], "Did you mean '--patch-size'?"),
        (
            ["run", "--config", "c", "--out", "j", "--patch-size", "9"],
            "wsi run has no --patch-size; there is tiling.patch_size in the config"
        ),
        (
            ["features", "job", "--encoder", "x", "--slide-mpp", "0.5"],
            "wsi features has no --slide-mpp; there is wsi tile --slide-mpp"
        ),
        (["tile", "x.svs"], "see wsi tile --help"),
    ])
    func whoMistypesIsToldWhatIsClosest(_ arguments: [String], _ wanted: String) throws {
        let result = try Command.run(arguments)
        #expect(result.exit == 2)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.hasPrefix("wsi: error[E_USAGE] "))
        #expect(result.errors.contains(wanted), "\(result.errors)")
    }

    @Test func theNamesOfFlagsInAnErrorAreThoseOfTheCommand() throws {
        let scratch = try Scratch()
        _ = try scratch.write("", to: "a.svs")
        let result = try Command.run("tile", scratch["a.svs"].path, "--out", scratch["job"].path, "--mpp", "0")
        #expect(result.errors.hasPrefix("wsi: error[E_CONFIG] --mpp: a number of µm from 0.05 to 100 is wanted"))
    }
}
