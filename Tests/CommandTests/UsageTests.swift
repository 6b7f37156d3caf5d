import Foundation
import TestSupport
import Testing

@Suite struct UsageTests {
    @Test func theProgramThatUsersStartDoesNotLoadLibTorch() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ldd")
        process.arguments = [Command.programs.appending(path: "wsi").path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text.contains("libopenslide"))
        #expect(!text.contains("libtorch"))
        #expect(!text.contains("libc10"))
    }

    @Test func anUnknownFlagIsAUsageError() throws {
        let result = try Command.run("tile", "x.svs", "--out", "job", "--pacth-size", "256")
        #expect(result.exit == 2)
        #expect(result.errors.contains("--patch-size"))
    }

    @Test(arguments: [
        ["tlie"], ["tile"], ["tile", "x.svs"], ["tile", "x.svs", "--out"], ["tile", "--out", "job"],
        ["tile", "x.svs", "--out", "job", "--patch-size", "big"], ["tile", "x.svs", "--out", "job", "--workers", "0"],
        ["tile", "x.svs", "--out", "job", "--mpp", "0.5", "--magnification", "20"],
        ["tile", "x.svs", "--out", "job", "--shard", "0/4"],
        ["heatmap", "job", "--model", "m", "--scale", "loud"], ["run"], ["sample", "cohort", "--slides", "1"],
        ["tile", "", "--out", "job"], ["tile", "x.svs", "--out", ""], ["tile", "x.svs", "--out="], ["info", ""],
        ["run", "--config", "", "--out", "job"], ["predict", "job", "--model", "m", "--features", ""], [""],
    ])
    func aUsageErrorIsOneLine(_ arguments: [String]) throws {
        let result = try Command.run(arguments)
        #expect(result.exit == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.hasPrefix("wsi: error[E_USAGE] "))
    }

    @Test func aMissingSlideIsAUsageErrorAndWritesNothing() throws {
        let scratch = try Scratch()
        let result = try Command.run("tile", scratch["none.svs"].path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains("E_NOT_FOUND"))
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
    }

    @Test func aFolderWithoutSlidesIsAUsageError() throws {
        let scratch = try Scratch()
        _ = try scratch.write("no slide", to: "slides/readme.txt")
        let result = try Command.run("tile", scratch["slides"].path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errors.contains("no slide in this folder"))
    }

    @Test func aValueOutOfRangeNamesItsKeyAndTheLimits() throws {
        let scratch = try Scratch()
        _ = try scratch.write("", to: "a.svs")
        let result = try Command.run("tile", scratch["a.svs"].path, "--out", scratch["job"].path, "--mpp", "0")
        #expect(result.exit == 2)
        #expect(result.errorLines.first?.contains("mpp") == true)
    }

    @Test(arguments: ["-rf.svs", "a\u{202E}b.svs", "a\nb.svs", ".hidden.svs", "a|b.svs"])
    func aHostileSlideNameIsRefusedBeforeWork(_ name: String) throws {
        let scratch = try Scratch()
        _ = try scratch.write("x", to: name)
        let result = try Command.run("tile", scratch[name].path, "--out", scratch["job"].path)
        #expect(result.exit == 5)
        #expect(result.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
    }

    @Test func twoSlidesOfOneNameAreRefusedWithBothPaths() throws {
        let scratch = try Scratch()
        _ = try scratch.write("x", to: "one/A.svs")
        _ = try scratch.write("x", to: "two/a.tiff")
        let result = try Command.run("tile", scratch.folder.path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errors.contains("one/A.svs") && result.errors.contains("two/a.tiff"))
    }

    @Test func aConfigWithAnUnknownKeyNamesTheKeyPathAndTheKnownKeys() throws {
        let scratch = try Scratch()
        let config = try scratch.write(
            #"{"cohort": {"slides": "s", "labels": "l.csv"}, "model": {"kind": "acmil", "brnches": 5}}"#,
            to: "c.json"
        )
        let result = try Command.run("run", "--config", config.path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errorLines.first?.contains("model.brnches") == true)
        #expect(result.errorLines.first?.contains("branches") == true)
    }

    @Test(arguments: [
        (#"{"patch_size": 8}"#, "tiling.patch_size"), (#"{"mpp": 0}"#, "tiling.mpp"),
        (#"{"overlap": 256}"#, "tiling.overlap"), (#"{"min_tissue": 2}"#, "tiling.min_tissue"),
        (#"{"mask": {"mask_mpp": 0}}"#, "tiling.mask.mask_mpp"),
    ])
    func aStudyWithAValueOutOfRangeNamesItsKeyPath(_ tiling: String, _ path: String) throws {
        let scratch = try Scratch()
        let config = try scratch.write(
            #"{"cohort": {"slides": "s", "labels": "l.csv"}, "model": {"kind": "acmil"}, "tiling": \#(tiling)}"#,
            to: "c.json"
        )
        let result = try Command.run("run", "--config", config.path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errorLines.first?.contains("\(path):") == true, "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
    }

    @Test func aLabelsTableWithADuplicateSlideNamesBothLines() throws {
        let scratch = try Scratch()
        _ = try scratch.write("slide_id,case_id,label\na,1,0\nb,2,1\na,1,0\n", to: "l.csv")
        _ = try scratch.write("x", to: "s/a.svs")
        _ = try scratch.write("x", to: "s/b.svs")
        let config = try scratch.write(
            #"{"cohort": {"slides": "s", "labels": "l.csv"}, "model": {"kind": "acmil"}}"#,
            to: "c.json"
        )
        let result = try Command.run("run", "--config", config.path, "--out", scratch["job"].path)
        #expect(result.exit == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains("l.csv:4: slide 'a' is already on line 2"), "\(result.errors)")
    }
}
