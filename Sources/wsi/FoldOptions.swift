import ArgumentParser
import Config
import Pipeline
import Records

/// `--fold`, `--join`: a training as several jobs.
struct FoldOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Train only these folds, such as 0, 1,3 or 0-4, and write nothing but their folders.",
            discussion:
                "With several training.seeds, --seed names the one. May be repeated; several such commands may run at once.",
            valueName: "k"
        )
    )
    var fold: [FoldList] = []

    @Flag(help: "Train nothing: once every fold is there, write metrics and what else follows from all of them.")
    var join = false

    func validate() throws {
        if join, !fold.isEmpty { throw ValidationError("--join makes no fold; give --fold or --join") }
    }

    /// - Parameter seed: of `--seed`.
    func part(seed: UInt64?) -> TrainingPart {
        if join { return .join }
        return fold.isEmpty ? .whole : .folds(Set(fold.flatMap(\.folds)), seed: seed)
    }
}

/// `--bag-memory`
struct BagMemoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Memory for the features of all folds that are trained at once, such as 20G.",
            discussion:
                "What does not fit is read again in every epoch, ahead of its step. Default: half of what may be used, 4G a fold at most.",
            valueName: "size"
        )
    )
    var bagMemory: String?

    /// - Throws: `Failure` (usage).
    func memory() throws -> BagMemory { try bagMemory.map { try BagMemory($0) } ?? BagMemory() }
}

/// `--folds-per-gpu`
struct FoldsPerGPUOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folds that are trained beside each other on one GPU. Default: 1.",
            discussion: "They share its memory. On processors --workers says how many at a time, whatever this is.",
            valueName: "n"
        )
    )
    var foldsPerGpu = 1

    func validate() throws {
        guard (1...64).contains(foldsPerGpu) else { throw ValidationError("--folds-per-gpu: 1 to 64 are allowed") }
    }
}

/// `--device`
extension DeviceChoice {
    /// As the parser of arguments wants it.
    static func argument(_ word: String) throws -> DeviceChoice {
        do { return try DeviceChoice(word) } catch let failure as Failure { throw ValidationError(failure.message) }
    }

    /// - Parameter before: what is computed there.
    static func help(_ before: String) -> ArgumentHelp {
        ArgumentHelp(
            "\(before): auto, cpu, cuda, cuda:N or cuda:all.",
            discussion:
                "GPUs are counted from 0 among those that CUDA_VISIBLE_DEVICES leaves; cuda is the first, cuda:0,cuda:2 are "
                + "several; the default, auto, is the first where there is one, else the CPU.",
            valueName: "device"
        )
    }
}

/// Folds as people list them: `0`, `1,3`, `0-4`.
struct FoldList: ExpressibleByArgument {
    let folds: [Int]

    init?(argument: String) {
        var folds: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let match = part.wholeMatch(of: /(\d{1,5})(?:-(\d{1,5}))?/), let first = Int(match.1) else {
                return nil
            }
            let last = match.2.flatMap { Int($0) } ?? first
            guard first <= last else { return nil }
            folds += Array(first...last)
        }
        self.folds = folds
    }
}
