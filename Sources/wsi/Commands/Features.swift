public import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

struct Features: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn patches into features.",
        discussion: """
            Writes JOB/<grid>/features_<encoder>/ID.h5 with features [N, D] and coords [N, 2], as TRIDENT does.
            he-texture-v1 is built in and needs no download; other encoders are TorchScript files with a JSON beside
            them (see README, "Your own encoder") that you have trusted once with wsi encoder trust.

            Examples:
              wsi features study --encoder he-texture-v1
              wsi features study --encoder uni.json --device cuda
            """
    )

    @OptionGroup var job: JobArgument

    @Option(
        help: ArgumentHelp("he-texture-v1, or the JSON file of an encoder; may be repeated.", valueName: "name|file")
    )
    var encoder: [String]

    @Option(help: ArgumentHelp("Where neural encoders compute: auto, cpu or cuda.", valueName: "device"))
    var device: FeaturesConfig.Device = .auto

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let layout = try job.layout()
        let encoders = try encoder.map { try EncoderChoice($0) }
        let settings = try work.settings()
        AtomicFile.sweep(layout.root)
        var statuses: [ExitStatus] = []
        for encoder in encoders {
            let stage = FeatureStage(layout: layout, encoder: encoder, device: device.rawValue, settings: settings)
            statuses.append(try await stage.run(progress: work.progress.sink).report.exitStatus)
        }
        try ExitStatus.worst(statuses).throwUnlessOK()
    }
}

extension FeaturesConfig.Device: ExpressibleByArgument {}
