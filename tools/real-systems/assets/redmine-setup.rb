# Runs inside Redmine (rails runner): what its REST API cannot do: switch REST on, give the admin a key, make custom fields.
Setting.rest_api_enabled = '1'
Setting.timelog_accept_future_dates = '1'
# Off, as Redmine comes: a wrong key is then answered 200 with an empty list, which the connector must notice.
Setting.login_required = '0'
admin = User.find_by_login('admin')
admin.update_columns(must_change_passwd: false)
# A caller without a valid key may ask for time and gets none, because the projects are not public.
Role.anonymous.add_permission!(:view_time_entries)
approval = TimeEntryCustomField.find_or_initialize_by(name: 'Approval')
approval.assign_attributes(field_format: 'list', possible_values: %w[Draft Submitted Approved Rejected], default_value: 'Draft', is_filter: true, is_required: false, editable: true)
approval.save!
employee = UserCustomField.find_or_initialize_by(name: 'Employee no')
employee.assign_attributes(field_format: 'string', is_filter: true)
employee.save!
puts "FACTS=#{{ key: admin.api_key, approvalField: approval.id, employeeField: employee.id, activities: TimeEntryActivity.shared.active.pluck(:id) }.to_json}"
