import Foundation
import Messages
import Records
import Storage
import TestSupport
import Testing

/// A `wsi-compute` that is killed at work: a script in its place, beside a copy of `wsi`, ends itself by signal 9 or calls
/// the real one.
@Suite struct LostProcessTests {
    /// With a training, for all tests of the suite.
    private static let made = Result {
        let scratch = try StandIn.make()
        let config = try scratch.write(
            """
            {"name": "acmil", "cohort": {"slides": "sample/slides", "labels": "sample/labels.csv", "folds": 2,
             "val_fraction": 0.3}, "model": {"kind": "acmil"}, "training": {"epochs": 2}, "evaluation": {"bootstrap": 100}}
            """,
            to: "study.json"
        )
        let trained = try Command.run("train", "--config", config.path, "--out", scratch["job"].path)
        try #require(trained.exit == 0, "\(trained.errors)")
        return scratch
    }

    private let stand: StandIn
    private var made: Scratch { stand.made }
    private var scratch: Scratch { stand.scratch }
    private var job: String { stand.job }
    private var config: String { made["study.json"].path }

    init() throws {
        stand = try StandIn(Self.made.get())
        try (Frame.hello + Frame(.word, EncodeWord.ready).encoded()).write(to: scratch["ready"])
    }

    private func run(_ script: String, _ arguments: [String]) throws -> Command { try stand.run(script, arguments) }

    private func remove(_ names: String...) throws {
        for name in names { try FileManager.default.removeItem(at: scratch["job/\(name)"]) }
    }

    private func outcomes(_ stage: String) -> [String] {
        Scratch.tree(scratch["job/outcomes/\(stage)"]).keys.filter { $0.hasSuffix(".json") }.sorted()
    }

    /// All results by their bytes; records of runs differ.
    private func results(_ job: URL) -> [String: Data] { Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") } }

    private func expectKilled(_ command: Command, _ verb: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(command.exit == 75, "\(command.errors)", sourceLocation: sourceLocation)
        #expect(command.errorLines.count == 1, "\(command.errors)", sourceLocation: sourceLocation)
        let line = command.errorLines.first ?? ""
        #expect(
            line.hasPrefix("wsi: error[E_IO] wsi-compute \(verb): it was ended by signal 9"),
            sourceLocation: sourceLocation
        )
        #expect(line.contains(" MB of memory"), sourceLocation: sourceLocation)
    }

    @Test func aKilledTrainingIsTheMachinesFaultAndTheSameCommandGoesOn() throws {
        try remove("training", "outcomes/train_acmil")
        // The second fold is killed.
        let script = """
            if [ "$1" = train ]; then
              echo x >> '\(scratch["calls"].path)'
              [ "$(wc -l < '\(scratch["calls"].path)')" = 1 ] || kill -9 $$
            fi
            """
        let arguments = ["train", "--config", config, "--out", job, "--workers", "1"]
        expectKilled(try run(script, arguments), "train")
        #expect(outcomes("train_acmil") == ["fold_0.json"])
        let again = try run("", arguments)
        #expect(again.exit == 0, "\(again.errors)")
        #expect(results(scratch["job"]) == results(made["job"]))
    }

    @Test func predictionsThatStoodBeforeTheKillStay() throws {
        // Two slides are said, then the process is gone.
        let script = """
            exec 3<&0
            "$real" "$@" <&3 2> /dev/null | {
              count=0
              while read -r line; do
                printf '%s\\n' "$line"
                case $line in '{"slide"'*) count=$((count + 1));; esac
                if [ $count = 2 ]; then kill -9 $$; exit; fi
              done
            }
            exit
            """
        let arguments = ["predict", job, "--model", "acmil"]
        expectKilled(try run(script, arguments), "predict")
        #expect(outcomes("predict_acmil").count == 2)
        let again = try run("", arguments)
        #expect(again.exit == 0, "\(again.errors)")
        #expect(outcomes("predict_acmil").count == 8)
        let killed = results(scratch["job"])
        try remove("predictions", "outcomes/predict_acmil")
        #expect(try run("", arguments).exit == 0)
        #expect(results(scratch["job"]) == killed)
    }

    @Test func whatAKilledProcessHadOfMemoryIsSaid() throws {
        let script = """
            if [ "$1" = predict ]; then
              text=$(head -c 300000000 /dev/zero | tr '\\0' x)
              kill -9 $$
            fi
            """
        let killed = try run(script, ["predict", job, "--model", "acmil"])
        expectKilled(killed, "predict")
        // `wsi` itself has less than half of that.
        let said = try #require(killed.errors.firstMatch(of: /up to ([0-9]+) MB of memory/))
        #expect((280...2000).contains(try #require(Int(said.1))))
    }

    @Test func anEvaluationStartsNoOtherProgram() throws {
        let judged = try run("echo x >> '\(scratch["calls"].path)'", ["evaluate", job, "--model", "acmil"])
        #expect(judged.exit == 0, "\(judged.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch["calls"].path))
    }

    /// One of a later build says so; one of before there were frames does not understand the question.
    @Test(arguments: [
        #"printf 'hello    00000020\n{"release":"9.0.0","version":99}\n'; exec cat > /dev/null"#,
        "read -r line; echo 'wsi: error[E_USAGE] the request is no PredictRequest' >&2; exit 2",
    ])
    func aProgramOfAnotherBuildIsRefusedInOneLine(script: String) throws {
        let refused = try run(script, ["predict", job, "--model", "acmil"])
        #expect(refused.exit == 2, "\(refused.errors)")
        #expect(refused.errorLines.count == 1, "\(refused.errors)")
        let line = refused.errorLines.first ?? ""
        #expect(line.hasPrefix("wsi: error[E_USAGE] wsi-compute: of another build than this program ("))
        #expect(line.contains("install wsi and wsi-compute from one build"))
        #expect(outcomes("predict_acmil").isEmpty)
    }

    /// The first so many encoders end themselves once they are loaded.
    private func dying(_ count: Int) -> String {
        """
        if [ "$1" = encode ]; then
          echo x >> '\(scratch["starts"].path)'
          if [ "$(wc -l < '\(scratch["starts"].path)')" -le \(count) ]; then cat '\(scratch["ready"].path)'; kill -9 $$; fi
        fi
        """
    }

    @Test func anEncoderThatDiesOnceIsStartedOnceMore() throws {
        let encoder = try BlindEncoder.write("plain", into: scratch)
        let arguments = ["features", job, "--encoder", encoder, "--precision", "fp32"]
        let result = try run(dying(1), arguments)
        #expect(result.exit == 0, "\(result.errors)")
        #expect(result.errors.contains("it is started once more"))
        #expect(outcomes("features_plain").count == 8)
        #expect(result.errors.contains("features_plain: 8 slides: 8 ok, 0 empty, 0 failed"), "\(result.errors)")
    }

    @Test func anEncoderThatDiesTwiceEndsTheCommandAndFailsNoSlide() throws {
        let encoder = try BlindEncoder.write("plain", into: scratch)
        let arguments = ["features", job, "--encoder", encoder, "--precision", "fp32"]
        let result = try run(dying(2), arguments)
        expectKilled(result, "encode")
        #expect(result.errorLines.first?.contains("for the second time; 8 slide(s) are left") == true)
        #expect(outcomes("features_plain").isEmpty)
        #expect(try run("", arguments).exit == 0)
        #expect(outcomes("features_plain").count == 8)
    }
}

/// Where a user may have no more processes and threads.
@Suite struct ProcessLimitTests {
    /// Of nobody else, so that how many processes it has is known; the limit does not hold for root.
    private static let user = "61734"

    private static func limited(_ arguments: [String]) -> [String] {
        let user = getuid() == 0 ? ["setpriv", "--reuid", user, "--clear-groups", "--inh-caps=-all"] : []
        return user + ["prlimit", "--nproc=1"] + arguments
    }

    /// Whether such a user may run the program at all; build folders may be private.
    private static var canRun: Bool {
        let wsi = Command.programs.appending(path: "wsi").path
        let tried = limited(["test", "-x", wsi])
        return (try? Command.run(Array(tried.dropFirst()), of: "/usr/bin/\(tried[0])"))?.exit == 0
    }

    @Test(.enabled(if: canRun, "setpriv and prlimit are not there, or the build folder is private"))
    func itIsSaidAtOnceThatThereIsNoRoomForThreads() throws {
        let wsi = Command.programs.appending(path: "wsi").path
        let words = Self.limited([wsi, "info", "/none.svs"])
        let result = try Command.run(Array(words.dropFirst()), of: "/usr/bin/\(words[0])")
        #expect(result.exit == 75, "\(result.errors)")
        #expect(
            result.errors.hasPrefix(
                "wsi: error[E_LIMIT] pthread_create: Resource temporarily unavailable; this user may have 1 processes "
                    + "and threads (ulimit -u): end others"
            )
        )
        #expect(result.errors.split(separator: "\n").count == 1)
    }
}
