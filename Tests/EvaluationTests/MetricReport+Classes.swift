import Config

@testable import Evaluation

extension MetricReport {
    init(_ sample: [Judged], classes: [String], evaluation: EvaluationConfig, seed: UInt64) {
        self.init(sample, classes: classes, MetricContext(evaluation, seed: seed))
    }
}
