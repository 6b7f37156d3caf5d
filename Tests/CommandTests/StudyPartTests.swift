import Foundation
import TestSupport
import Testing

extension StudyCommandTests {
    private func part(_ scratch: Scratch, _ job: String, _ stage: String, _ shard: String) throws -> Command {
        try run(scratch, job, "--only", stage, "--shard", shard, "--quiet")
    }

    @Test func theStagesOfAStudyOneByOneOnShardsMakeWhatARunMakes() throws {
        let scratch = try Self.cohort.get()
        _ = try finishedJob(scratch, as: "wanted")
        for (stage, count) in [("tile", 3), ("features", 2), ("train", 0), ("predict", 3), ("heatmap", 2)] {
            guard count > 0 else {
                let config = scratch["study.json"].path
                #expect(try Command.run("train", "--config", config, "--out", scratch["parts"].path).exit == 0)
                continue
            }
            for number in (1...count).reversed() {
                let result = try part(scratch, "parts", stage, "\(number)/\(count)")
                #expect(result.exit == 0, "\(stage) \(number)/\(count): \(result.errors)")
            }
        }
        func results(_ job: String) -> [String: Data] {
            Scratch.tree(scratch[job]).filter { !$0.key.hasPrefix("audit/") }
        }
        #expect(results("parts") == results("wanted"))
    }

    @Test func aShardWithoutSlidesIsDoneAndOneThatIsNotTiledYetIsNot() throws {
        let scratch = try Self.cohort.get()
        let empty = try run(scratch, "bare", "--only", "tile", "--shard", "1/100000")
        #expect(empty.exit == 0)
        #expect(empty.errors.contains("tile: no slide is of this shard\n"))
        let early = try part(scratch, "bare", "features", "1/1")
        #expect(early.exit == 2)
        #expect(early.errorLines.first?.contains("none of these slides is tiled") == true)
        #expect(try part(scratch, "bare", "report", "1/1").errors.contains("heatmap.outputs does not ask for it"))
    }

    @Test(arguments: [
        ["--shard", "1/2"], ["--only", "train"], ["--only", "tile", "--dry-run"], ["--only", "tile", "--wait"],
        ["--only", "tile", "--shard", "3/2"],
    ])
    func aPartThatCannotBeIsAUsageError(_ flags: [String]) throws {
        let scratch = try Self.cohort.get()
        let result = try Command.run(
            ["run", "--config", scratch["study.json"].path, "--out", scratch["none"].path] + flags
        )
        #expect(result.exit == 2)
        #expect(result.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: scratch["none"].path))
    }
}
