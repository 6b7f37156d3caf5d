import Foundation
import Records
import Testing

@testable import Evaluation

/// What scikit-learn gives, of more rows than columns and of fewer.
@Suite(.serialized) struct BaselineReferenceTests {
    private struct Sample {
        let record: Recorded
        let rows: DenseRows
        let asked: DenseRows
        let kernel: KernelRows
        let two: [Target]
        let three: [Int]
        let number: [Double]

        init(_ name: String) throws {
            record = try JSONDecoder().decode(Recorded.self, from: Data(BaselineReferences.data.utf8))[name]
            let x = try record["x"].rows
            let scaling = FeatureScaling(x)
            (rows, asked) = (scaling(x), scaling(try record["asked"].rows))
            kernel = KernelRows(rows)
            two = try record["two"].integers.map { .class($0) }
            (three, number) = (try record["three"].integers, try record["number"].numbers)
        }

        func wanted(_ penalty: Double, _ name: String) throws -> Recorded {
            try record["penalties"][penalty == 10 ? "10" : "0.1"][name]
        }
    }

    /// As far as both come to the bottom.
    private func agree(_ found: [Double], _ wanted: [Double]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-6 * max(1, abs($1)) }
    }

    private func fitted(_ loss: some RowLoss, _ rows: DenseRows, _ penalty: Double, _ asked: DenseRows) -> [[Double]] {
        PenalisedFit(rows, loss, penalty: penalty)(asked)
    }

    private func answers(
        _ kind: Target.Kind,
        _ classes: Int,
        _ targets: [Target],
        _ rows: DenseRows,
        _ penalty: Double,
        _ asked: DenseRows
    ) throws -> [Answer] {
        let target = BaselineTarget(kind: kind, classes: classes)
        let loss = try #require(target.loss(targets))
        let scores = fitted(loss, rows, penalty, asked)
        return target.answers(scores) { SurvivalAnswer(risk: $0, times: [], survival: []) }
    }

    @Test(arguments: ["tall", "wide"], [10.0, 0.1]) func regressionsAreThoseOfScikitLearn(
        name: String,
        penalty: Double
    ) throws {
        let sample = try Sample(name)
        let map = sample.kernel.map(.linear)
        // By the rows themselves, and by their products alone.
        for (rows, asked) in [(sample.rows, sample.asked), (map(sample.rows), map(sample.asked))] {
            let two = try answers(.class, 2, sample.two, rows, penalty, asked).compactMap(\.ofClass?.probabilities[1])
            #expect(agree(two, try sample.wanted(penalty, "two").numbers))
            let targets = sample.three.map { Target.class($0) }
            let three = try answers(.class, 3, targets, rows, penalty, asked).compactMap(\.ofClass?.probabilities)
            for (found, wanted) in zip(three, try sample.wanted(penalty, "three").rows) {
                #expect(agree(found, wanted))
            }
            let numbers = fitted(SquaredLoss(numbers: sample.number), rows, penalty, asked)[0]
            #expect(agree(numbers, try sample.wanted(penalty, "number").numbers))
            let grades = try #require(
                BaselineTarget(kind: .ordinal, classes: 3).loss(sample.three.map { .ordinal($0) })
            )
            for (found, wanted) in zip(fitted(grades, rows, penalty, asked), try sample.wanted(penalty, "above").rows) {
                #expect(agree(found.map(LogisticLoss.chance), wanted))
            }
        }
    }

    @Test(arguments: ["tall", "wide"], [10.0, 0.1]) func kernelsAreThoseOfScikitLearn(
        name: String,
        penalty: Double
    ) throws {
        let sample = try Sample(name)
        #expect(agree([sample.kernel.medianDistance], [try sample.record["median"].number]))
        let map = sample.kernel.map(.gaussian(width: sample.kernel.medianDistance))
        let (rows, asked) = (map(sample.rows), map(sample.asked))
        let two = try answers(.class, 2, sample.two, rows, penalty, asked).compactMap(\.ofClass?.probabilities[1])
        #expect(agree(two, try sample.wanted(penalty, "kernel_two").numbers))
        let numbers = fitted(SquaredLoss(numbers: sample.number), rows, penalty, asked)[0]
        #expect(agree(numbers, try sample.wanted(penalty, "kernel_number").numbers))
    }

    @Test(arguments: ["tall", "wide"]) func theNearestIsThatOfScikitLearn(name: String) throws {
        let sample = try Sample(name)
        func bags(_ rows: Recorded, _ prefix: String, _ label: (Int) -> Int) throws -> [MeanBag] {
            try rows.rows.enumerated().map { index, features in
                let id = try SlideID("\(prefix)\(index)")
                let slide = CohortSlide(slide: id, caseID: id.text, target: .class(label(index)))
                return MeanBag(slide: slide, features: features)
            }
        }
        let training = try bags(sample.record["x"], "x") { sample.three[$0] }
        let test = try bags(sample.record["asked"], "asked") { _ in 0 }
        let fitting = BaselineFitting(
            target: BaselineTarget(kind: .class, classes: 3),
            training: training,
            validation: []
        )
        let fit = fitting.fit(.nearest, to: test)
        #expect(test.map { fit[$0.slide.slide]?.ofClass?.called } == (try sample.record["nearest"].integers))
    }
}
