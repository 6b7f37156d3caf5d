import Records
import TestSupport
import Testing
import Torch

@testable import MIL

@Suite struct StandardiserTests {
    private func bag(_ features: [Float], width: Int) throws -> Bag {
        Bag(unit: "s", parts: [], width: width, features: features)
    }

    @Test func momentsAreThoseOfAllInstancesTogether() throws {
        var moments = FeatureMoments()
        // Column 0: 1, 2, 3, 10; column 1: 100 + the same halves.
        moments.add(try bag([1, 100.5, 2, 101], width: 2))
        moments.add(try bag([3, 101.5], width: 2))
        moments.add(try bag([], width: 2))
        moments.add(try bag([10, 105], width: 2))
        let standardiser = moments.standardiser()
        #expect(agree(standardiser.mean, [4, 102], 1e-6))
        #expect(agree(standardiser.deviation, [3.5355339, 1.7677670], 1e-6))
        let scaled = try standardiser(Tensor([4, 102, 7.5355339, 100.232233], shape: [2, 2])).floats()
        #expect(agree(scaled, [0, 0, 1, -1], 1e-5))
    }

    @Test func aFeatureThatHardlyVariesIsHeldAtTheFloor() throws {
        var moments = FeatureMoments()
        moments.add(try bag([0, 5, 0, 2, 5, 4, 4, 5, 8], width: 3))
        let deviation = moments.standardiser().deviation
        #expect(agree([deviation[1] * 100], [deviation.sorted()[1]], 1e-6))
        var constant = FeatureMoments()
        constant.add(try bag([3, 3], width: 1))
        #expect(constant.standardiser().deviation == [1])
    }
}
