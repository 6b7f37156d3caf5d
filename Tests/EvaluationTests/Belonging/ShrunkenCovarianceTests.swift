import Foundation
import Testing

@testable import Evaluation

/// Numbers of numpy 2.4, with the dense covariance and its inverse.
@Suite struct ShrunkenCovarianceTests {
    private let rows = DenseRows(
        (0..<5).map { (row: Int) -> [Double] in
            (0..<8).map { (column: Int) -> Double in
                let angle = Double(1 + 3 * row + 7 * column * (1 + row % 2))
                return sin(angle) * Double(1 + column)
            }
        },
        width: 8
    )
    private let other = (0..<8).map { cos(2 * Double($0)) }

    @Test func shrinkageAndDistanceAreThoseOfTheWholeMatrix() throws {
        let covariance = try #require(ShrunkenCovariance(rows, isScaled: false))
        #expect(abs(covariance.shrinkage - 0.07052082117091908) < 1e-10)
        #expect(abs(covariance.distance(of: other) - 3.7924800963962166) < 1e-8)
        let scaled = try #require(ShrunkenCovariance(rows))
        #expect(abs(scaled.shrinkage - 0.19926299163630212) < 1e-10)
        #expect(abs(scaled.distance(of: other) - 7.047810592120697) < 1e-8)
    }

    @Test func aFileKeepsIt() throws {
        let covariance = try #require(ShrunkenCovariance(rows)?.stored)
        let again = try #require(ShrunkenCovariance("a", in: covariance.tensors("a"), width: 8))
        #expect(again == covariance)
        #expect(ShrunkenCovariance("a", in: covariance.tensors("a"), width: 7) == nil)
        #expect(abs(again.distance(of: other) - 7.047810592120697) < 1e-4)
    }

    @Test func rowsThatDoNotVaryHaveADistanceToo() throws {
        let same = DenseRows([[1, 2], [1, 2], [1, 2]], width: 2)
        let covariance = try #require(ShrunkenCovariance(same))
        #expect(covariance.distance(of: [1, 2]) == 0)
        #expect(covariance.distance(of: [2, 2]) > 1 && covariance.distance(of: [2, 2]).isFinite)
        #expect(ShrunkenCovariance(DenseRows([[1, 2]], width: 2)) == nil)
    }
}
