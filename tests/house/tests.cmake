# The house rules. They need git, clang-format and python3-jsonschema (tools/install check).
add_test(NAME house.tidy COMMAND ${PROJECT_SOURCE_DIR}/tests/house/tidy.sh)
add_test(NAME house.format COMMAND ${PROJECT_SOURCE_DIR}/tests/house/format.sh)
add_test(NAME house.schemas
         COMMAND /usr/bin/python3 ${PROJECT_SOURCE_DIR}/tests/house/schemas_test.py)
add_test(NAME house.reference
         COMMAND /usr/bin/python3 -B ${PROJECT_SOURCE_DIR}/tests/house/reference_test.py)
set_tests_properties(house.reference PROPERTIES ENVIRONMENT "QIPU_SHARED=${QIPU_SHARED}")
set_tests_properties(house.tidy house.format house.schemas house.reference PROPERTIES LABELS house)
