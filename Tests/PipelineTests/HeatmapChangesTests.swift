import Imaging
import Records
import Testing

@testable import Config
@testable import Pipeline

@Suite struct HeatmapChangesTests {
    private let model = TrainingName("acmil")

    @Test func picturesThatLookAsTheStudyWantsThemHaveTheModelsName() throws {
        var changes = HeatmapChanges()
        #expect(changes.pictures(of: model, usual: HeatmapConfig()) == "acmil")
        var usual = HeatmapConfig()
        (usual.colours, usual.side) = (.dune, 900)
        (changes.colours, changes.side) = (.dune, 900)
        changes.outputs = [.panel, .tiles]
        #expect(changes.pictures(of: model, usual: usual) == "acmil")
        #expect(changes.pictures(of: TrainingName("acmil", seed: 3), usual: usual) == "acmil/seed_3")
    }

    @Test func whatLooksOtherwiseIsInTheName() throws {
        var changes = HeatmapChanges()
        (changes.scale, changes.colours) = (.percentile, .dune)
        #expect(changes.pictures(of: model, usual: HeatmapConfig()) == "acmil-percentile-dune")
        (changes.side, changes.mpp, changes.smoothing) = (1000, 2, 0.5)
        let name = changes.pictures(of: model, usual: HeatmapConfig())
        #expect(name == "acmil-1000px-percentile-dune-2.0um-smooth0.5")
    }

    @Test func moreOutputsComeAfterThoseOfTheStudyAndNoneTwice() throws {
        var changes = HeatmapChanges()
        changes.outputs = [.panel, .sheet, .top]
        let heatmap = try changes.applied(to: HeatmapConfig())
        #expect(heatmap.outputs == [.sheet, .panel, .top])
        #expect(try HeatmapChanges().applied(to: heatmap) == heatmap)
    }

    @Test func aValueOutOfRangeIsRefused() {
        var changes = HeatmapChanges()
        changes.smoothing = 11
        #expect(throws: ConfigError.self) { try changes.applied(to: HeatmapConfig()) }
    }

    @Test func everyOutputHasAStageOfItsOwn() {
        let stages = HeatmapConfig.Output.allCases.map { $0.stage(pictures: "a_b") }
        #expect(Set(stages).count == stages.count)
        #expect(stages.allSatisfy { $0.kind == .heatmap && $0.subject == "a_b" })
        #expect(HeatmapConfig.Output.sheet.stage(pictures: "m") == StageName("heatmap_m"))
        #expect(HeatmapConfig.Output.report.stage(pictures: "m") == StageName("heatmap.report_m"))
    }
}
