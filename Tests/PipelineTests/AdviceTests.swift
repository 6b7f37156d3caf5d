import Foundation
import Pipeline
import Testing

@Suite struct AdviceTests {
    private let tree: CommandTree

    init() throws {
        func command(_ name: String, _ flags: [String], _ below: [[String: Any]] = []) -> [String: Any] {
            let names = flags.map { ["names": [["kind": "long", "name": $0], ["kind": "short", "name": "q"]]] }
            return ["commandName": name, "arguments": names, "subcommands": below]
        }
        let tile = ["slide-mpp", "mpp-csv", "mpp-from-tiff", "mpp", "max-patches", "list", "origin", "redo"]
        let root = command(
            "wsi",
            ["version"],
            [
                command("status", ["json"]), command("tile", tile), command("features", ["encoder", "redo"]),
                command("run", ["config", "slide-mpp", "mpp-csv", "redo"]), command("heatmap", ["mpp", "model"]),
                command("encoder", [], [command("trust", ["yes"])]), command("help", []),
            ]
        )
        tree = try CommandTree(description: JSONSerialization.data(withJSONObject: ["command": root]))
    }

    private func said(_ message: String, _ command: String, from stage: String? = nil) -> String {
        Advice(tree, for: command).text(message, from: stage)
    }

    @Test func aFlagThatTheCommandTakesStays() {
        let message = "give it with --slide-mpp 0.5, or in the table of --mpp-csv"
        #expect(said(message, "tile") == message)
    }

    @Test func aCommandWithAConfigIsToldTheKeyToo() {
        #expect(
            said("give it with --slide-mpp 0.5", "run")
                == "give it with --slide-mpp 0.5 (tiling.slide_mpp in the config)"
        )
    }

    @Test func aFlagThatTheCommandLacksIsAKeyOfItsConfig() {
        #expect(
            said("--mpp-from-tiff would accept that", "run")
                == "tiling.mpp_from_tiff true in the config would accept that"
        )
        #expect(
            said("--origin slide is the other choice", "run")
                == "tiling.regions_origin slide in the config is the other choice"
        )
    }

    @Test func aFlagThatTheCommandLacksIsNamedWithACommandThatTakesIt() {
        #expect(said("give it with --slide-mpp 0.5", "status") == "give it with wsi tile --slide-mpp 0.5")
        #expect(said("try --redo", "status", from: "features") == "try wsi features --redo")
    }

    @Test func aKeyIsTheFlagWhereThereIsNoConfig() {
        #expect(said("ask for tiling.mpp 0.5 or coarser", "tile") == "ask for --mpp 0.5 or coarser")
        #expect(said("ask for tiling.mpp 0.5 or coarser", "run") == "ask for tiling.mpp 0.5 or coarser")
        #expect(said("ask for tiling.mpp 0.5 or coarser", "features") == "ask for wsi tile --mpp 0.5 or coarser")
    }

    @Test func aFlagOfTheSameNameWithAnotherMeaningIsNotAdvised() {
        #expect(said("ask for tiling.mpp 0.5", "heatmap") == "ask for wsi tile --mpp 0.5")
        #expect(said("heatmap.mpp: 0.05 to 500 µm are allowed", "heatmap") == "--mpp: 0.05 to 500 µm are allowed")
    }

    @Test(arguments: ["tile", "run", "status"])
    func aCommandThatIsWrittenOutAndNamesOfFilesStay(_ command: String) {
        for message in ["if so, run: wsi encoder trust uni.json --yes", "/data/a--redo/tiling.mpx: no such file"] {
            #expect(said(message, command) == message)
        }
    }

    @Test func aMistypedCommandIsToldTheClosest() {
        #expect(tree.command(called: ["tiles", "x"]).unknown == "tiles")
        #expect(tree.suggestion(for: "tiles", below: "") == "tile")
        #expect(tree.suggestion(for: "heatmpa", below: "") == "heatmap")
        #expect(tree.suggestion(for: "frobnicate", below: "") == nil)
        #expect(tree.command(called: ["encoder", "trsut", "x"]) == ("encoder", "trsut"))
        #expect(tree.suggestion(for: "trsut", below: "encoder") == "trust")
        #expect(tree.command(called: ["encoder", "trust", "x"]) == ("encoder trust", nil))
        #expect(tree.command(called: ["tile", "x"]) == ("tile", nil))
    }
}
